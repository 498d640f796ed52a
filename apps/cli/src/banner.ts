/** What the first screen of `tandem dev` needs to know. */
export interface Running {
  readonly publicUrl: string;
  readonly routingUrl: string;
  readonly admin: { readonly security: string; readonly routing: string };
  /** With the admin token in its fragment, which no browser sends anywhere; none where no token is configured. */
  readonly pageUrl: string | undefined;
  readonly tokenFile: string;
  /** The secret of the demo's API key, where the configuration takes API keys from the demo's file. */
  readonly apiKey?: string | undefined;
  readonly tokens: { readonly app: string; readonly viewer: string };
}

/** What runs where, and what to try: each command works as it is printed. */
export function banner(running: Running): string {
  const { publicUrl, routingUrl, admin, pageUrl, tokenFile, tokens, apiKey } = running;
  const withKey = apiKey && `\n  curl -k -H "X-API-Key: ${apiKey}" ${publicUrl}/orders\n`;
  const page = pageUrl && `\n  see it live     ${pageUrl}`;
  return `
Tandem is ready.

  security tier   ${publicUrl}   admin ${admin.security}
  routing tier    ${routingUrl}    admin ${admin.routing}
  demo services   catalog (open), orders (scopes), echo (open): two instances each${page ?? ""}

Try, in another terminal:

  curl -k ${publicUrl}/catalog/items
  curl -k ${publicUrl}/orders                          # 401: orders wants a token

  TOKEN=${tokens.app}
  curl -k -H "Authorization: Bearer $TOKEN" ${publicUrl}/orders
${withKey ?? ""}
  VIEWER=${tokens.viewer}
  curl -k -X POST -H "Authorization: Bearer $VIEWER" -H "Content-Type: application/json" \\
       -d '{"item":"book","quantity":1}' ${publicUrl}/orders       # 403: and it says which scope is missing

  curl ${routingUrl}/orders                            # 401: the routing tier believes the security tier alone
  curl -k -u demo-app:demo-secret -d grant_type=client_credentials ${publicUrl}/oauth/token

See a request cross both tiers (every answer carries its id in x-request-id):

  npm run tandem -- trace $(curl -sk -o /dev/null -w '%header{x-request-id}' ${publicUrl}/catalog/items)
  curl -H "Authorization: Bearer $(cat ${tokenFile})" ${admin.security}/config

Ctrl-C ends everything.
`;
}
