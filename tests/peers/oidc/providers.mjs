// Two OpenID providers, strict ones, for the tests: node providers.mjs CALLBACK_BASE
// Prints {"north": port, "south": port}. Who signs in is `login_hint`; "nobody" turns back.
import http from 'node:http';
import Provider from 'oidc-provider';

const [callbackBase] = process.argv.slice(2);

async function start(name, conformIdTokenClaims) {
  let handle, tokenCalls = 0;
  const server = http.createServer((request, response) => handle(request, response));
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{
      client_id: 'ashlar',
      client_secret: `${name}-secret-0123456789-0123456789`,
      redirect_uris: [`${callbackBase}/v1/identity/oauth/${name}/callback`],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username'] },
    conformIdTokenClaims,
    cookies: { keys: ['only for tests'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: !id.startsWith('unverified'),
        preferred_username: id,
      }),
    }),
  });
  const served = provider.callback();
  handle = (request, response) => {
    if (request.url === '/calls') return response.end(String(tokenCalls));
    if (request.url.startsWith('/interaction/')) return interact(provider, request, response);
    if (request.url.startsWith('/token')) tokenCalls += 1;
    return served(request, response);
  };
  return port;
}

async function interact(provider, request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const person = params.login_hint ?? 'ada';
  let result = { login: { accountId: person } };
  if (person === 'nobody') {
    result = { error: 'access_denied' };
  } else if (prompt.name === 'consent') {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    result = { consent: { grantId: await grant.save() } };
  }
  await provider.interactionFinished(request, response, result, {
    mergeWithLastSubmission: prompt.name === 'consent',
  });
}

const ports = { north: await start('north', true), south: await start('south', false) };
process.stdin.resume().on('end', () => process.exit());  // ends with whoever started it
console.log(JSON.stringify(ports));
