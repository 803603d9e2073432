/** An `http{}` that sets everything the wrong way for our sites, as an operator may for his own. */
export const HOSTILE_HTTP = `
    root /etc;
    index passwd;
    autoindex on;
    open_file_cache max=1000 inactive=60s;
    open_file_cache_valid 60s;
    open_file_cache_errors on;
    etag off;
    if_modified_since before;
    gzip on;
    gzip_types *;
    gzip_min_length 1;
    gzip_static always;
    gzip_vary off;
    gzip_proxied off;
    gzip_disable ".";
    gunzip on;
    types { text/evil html css js txt; }
    default_type text/html;
    charset koi8-r;
    charset_types *;
    error_page 404 405 =200 /passwd;
    error_page 301 302 307 308 =200 /passwd;
    add_header X-Evil evil always;
    add_header Cache-Control "public, max-age=1" always;
    expires 1y;
    server_tokens on;
    absolute_redirect on;
    port_in_redirect on;
    server_name_in_redirect on;
    merge_slashes off;
    sub_filter_once off;
    sub_filter_types *;
    sub_filter "e" "EVIL";
    sub_filter "0" "NULL";
    add_before_body /passwd;
    addition_types *;
    ssi on;
    ssi_types *;
    auth_basic "closed";
    auth_basic_user_file /etc/passwd;
    auth_request /passwd;
    deny all;
    satisfy any;
    limit_rate 20k;
    max_ranges 0;
    disable_symlinks off;
    recursive_error_pages off;
    client_max_body_size 1;
    log_not_found on;
    msie_padding on;
    msie_refresh on;
    userid on;
    userid_name evil;
    mirror /passwd;
    dav_methods PUT DELETE MKCOL COPY MOVE;
    create_full_put_path on;
    keepalive_timeout 0;
    rewrite_log on;
    uninitialized_variable_warn on;
    proxy_intercept_errors on;
    directio 1;
    output_buffers 1 1k;
    postpone_output 1;
    sendfile on;
    aio off;
`

/** The same for TLS. */
export const HOSTILE_TLS = `
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
    ssl_ciphers ALL:@SECLEVEL=0;
    ssl_ecdh_curve secp521r1;
    ssl_prefer_server_ciphers on;
    ssl_session_timeout 1s;
    ssl_session_tickets on;
    ssl_verify_client on;
    ssl_early_data on;
`
