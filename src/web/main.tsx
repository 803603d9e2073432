import './global.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiProblem } from '../contract/client.ts'
import { followSession } from './data/session.ts'
import { Shell } from './shell.tsx'
import { theme } from './theme.ts'
import { adoptVariables } from './variables.ts'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A problem that the server told is an answer; only silence is worth another try.
      retry: (failures, thrown) =>
        !(thrown instanceof ApiProblem && thrown.problem.status > 0) && failures < 2,
      retryDelay: 400,
      staleTime: 2_000,
    },
    mutations: { retry: false },
  },
})
followSession(queries)

adoptVariables()
const root = document.getElementById('page')
if (!root) throw new Error('index.html has no #page.')
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      withCssVariables={false}
      withGlobalClasses={false}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager()}
    >
      <QueryClientProvider client={queries}>
        <Shell />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
