import { Button } from '@mantine/core'
import { useState } from 'react'
import { Icon } from '../icons.tsx'
import { announce } from './announcer.tsx'

interface CopyButtonProps {
  text: string
  /** What is copied, where the button alone does not say it. */
  label?: string
  size?: 'sm' | 'compact-sm'
}

export function CopyButton({ text, label, size = 'sm' }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    announce('Copied.')
  }
  // Without HTTPS browsers have no clipboard for pages; the text can still be chosen by hand.
  if (!('clipboard' in navigator)) return null
  return (
    <Button
      variant="default"
      size={size}
      aria-label={label && (isCopied ? `Copied: ${label}` : `Copy ${label}`)}
      leftSection={<Icon name={isCopied ? 'check' : 'copy'} size={size === 'sm' ? 16 : 14} />}
      onClick={() => void copy()}
    >
      {isCopied ? 'Copied' : 'Copy'}
    </Button>
  )
}
