// A connection spec as JSON Schema: the builder's form is made of it, and the editor's completion reads it.

const text = (title: string, description?: string, more: object = {}) => ({ type: 'string', title, ...(description && { description }), ...more });
const words = (title: string, description?: string) => ({ type: 'object', title, properties: { text: text('Text', description) } });

/** Of a query or of headers: a name that is sent several times has a list. */
const values = { type: ['string', 'array'], items: { type: 'string' } };

export const categories = ['advertising', 'analytics', 'consentAndPreferences', 'crm', 'customerSuccess', 'database', 'ecommerce', 'marketingAutomation', 'payments', 'protocols', 'streaming'];

export const specSchema = {
  type: 'object',
  required: ['name', 'type', 'providerId', 'sourceSpec'],
  properties: {
    name: text('Name', 'Unique among your sources; small letters and dashes.'),
    description: text('Description', 'What the source has, in a sentence.'),
    type: text('Type', 'Whether records are fetched, or events are sent.', { enum: ['generic-rest', 'generic-streaming'] }),
    providerId: text('Provider', '0ed90a81-07f4-4586-8190-b40eccef1c5a for REST sources.'),
    version: text('Version', 'Another one for a change that dataflows do not survive: it is published beside this one.'),
    attributes: { type: 'object', properties: { category: text('Category'), isSource: { type: 'boolean' }, connectorName: text('Connector’s name'), documentationLink: text('Documentation') } },
    authSpec: {
      type: 'array', title: 'How accounts sign in', description: 'One entry for each way; none where everybody may ask.',
      items: {
        type: 'object', required: ['name', 'type', 'spec'],
        properties: {
          name: text('Name'),
          type: text('Type', 'What the fields of the account are used for.', { enum: ['OAuth2RefreshCode', 'OAuth2ClientCredential', 'BasicAuthentication', 'KeyBased'], descriptions: { OAuth2RefreshCode: 'A token that a user signed in for, renewed when it expires.', OAuth2ClientCredential: 'Client id and secret are exchanged for a token.', BasicAuthentication: 'User name and password.', KeyBased: 'Keys in headers or parameters.' } }),
          spec: { type: 'object', title: 'Its fields, as JSON Schema', properties: { type: { enum: ['object'] }, properties: { type: 'object' }, required: { type: 'array', items: { type: 'string' } } } },
        },
      },
    },
    sourceSpec: {
      type: 'object', required: ['attributes'],
      properties: {
        attributes: {
          type: 'object', required: ['urlParams'],
          properties: {
            uiAttributes: {
              type: 'object',
              properties: {
                isSource: { type: 'boolean' }, isPreview: { type: 'boolean' }, isBeta: { type: 'boolean', title: 'Beta' },
                label: words('Label', 'As the catalog shows it.'), description: words('Description'),
                category: { type: 'object', title: 'Category', properties: { text: text('Category', undefined, { enum: categories }), key: text('Key') } },
                icon: { type: 'object', properties: { key: text('Key') } },
                documentationLink: words('Documentation'),
              },
            },
            urlParams: {
              type: 'object', title: 'Request', description: 'What is asked for.', required: ['host', 'path', 'method'],
              properties: {
                host: text('Host', 'https://api.example.com, or ${name} of a parameter.'),
                path: text('Path', '/orders, or with parameters: /stores/${storeId}/orders'),
                method: text('Method', 'How the source is asked.', { enum: ['GET', 'POST'] }),
                queryParams: { type: 'object', title: 'Query parameters', description: 'Sent with every request; ${name} is a parameter’s value.', additionalProperties: values },
              },
            },
            headerParams: { type: 'object', title: 'Headers', description: 'Sent with every request.', additionalProperties: values },
            bodyParams: { type: 'object', title: 'Body', description: 'Members of the JSON body of a POST.' },
            contentPath: {
              type: 'object', title: 'Records', description: 'Where the records are in an answer.',
              properties: {
                path: text('Array of records', 'JSONPath, such as $.orders; $ when the answer is the array.'),
                overrideWrapperAttribute: text('Name of each record', 'In place of the array’s name.'),
                skipAttributes: { type: 'array', title: 'Siblings to leave out', items: { type: 'string' } }, keepAttributes: { type: 'array', title: 'Siblings to keep', items: { type: 'string' } },
              },
            },
            explodeEntityPath: { type: 'object', title: 'Nested array', properties: { path: text('Path'), overrideWrapperAttribute: text('Name of each element') } },
            paginationParams: {
              type: 'object', title: 'Paging', description: 'How one page leads to the next.', required: ['type'],
              properties: {
                type: text('Type', 'How the next page is asked for.', { enum: ['OFFSET', 'PAGE', 'POINTER', 'CONTINUATION_TOKEN', 'NONE'], descriptions: { OFFSET: 'By the number of records before it.', PAGE: 'By its number.', POINTER: 'By a link that the page has.', CONTINUATION_TOKEN: 'By a token that the page has.', NONE: 'There is one page.' } }),
                limitName: text('Parameter of the page size'), limitValue: text('Page size'),
                offSetName: text('Parameter of the offset', 'OFFSET'),
                pageParamName: text('Parameter of the page', 'PAGE'), initialPageIndex: { type: 'integer', title: 'First page', description: 'PAGE' },
                pointerPath: text('Where the next link is', 'POINTER: a JSONPath'),
                continuationTokenPath: text('Where the token is', 'CONTINUATION_TOKEN: a JSONPath'), parameterName: text('Parameter of the token', 'CONTINUATION_TOKEN'),
                endConditionName: text('End condition’s path'), endConditionValue: text('End condition’s value'),
                delayRequestMillis: { type: 'integer', title: 'Wait between requests, in milliseconds' }, maximumRequest: { type: 'integer', title: 'Most requests of a run' },
              },
            },
            scheduleParams: {
              type: 'object', title: 'Only what has changed', description: 'How a run asks for a window of time; without, it reads everything.',
              properties: {
                type: text('Type', undefined, { enum: ['ADVANCE'] }),
                scheduleStartParamName: text('Parameter of the start'), scheduleEndParamName: text('Parameter of the end'),
                scheduleStartParamFormat: text('Format of the start', 'yyyy-MM-ddTHH:mm:ssZ'), scheduleEndParamFormat: text('Format of the end'),
                paramFormat: text('Format', 'ADVANCE'), incremental: text('Query with a start', 'ADVANCE'), backfill: text('Query without', 'ADVANCE'),
              },
            },
          },
        },
        spec: { type: 'object', title: 'Parameters a user fills in, as JSON Schema', properties: { type: { enum: ['object'] }, properties: { type: 'object' }, required: { type: 'array', items: { type: 'string' } } } },
      },
    },
    exploreSpec: { type: 'object', properties: { name: { enum: ['Resource'] }, type: { enum: ['Resource'] }, requestSpec: { type: 'object' }, responseSpec: { type: 'object' } } },
  },
};

const secret = (title: string, description: string, more: object = {}) => ({ type: 'string', format: 'password', title, description, ...more });
const plain = (title: string, more: object = {}) => ({ type: 'string', title, ...more });
const method = (name: string, type: string, required: string[], properties: object) => ({ name, type, spec: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties, required } });

/** Ways to sign in, as a spec has them at first. */
export const signIns = [
  { title: 'An API key in a header', entry: method('API Key Authentication', 'KeyBased', ['authKey1'], { authKey1: secret('API key', 'Sent as the header X-Api-Key.', { restAttributes: { headerParamName: 'X-Api-Key' } }) }) },
  { title: 'User name and password', entry: method('Basic Authentication', 'BasicAuthentication', ['username', 'password'], { username: plain('User name'), password: secret('Password', 'Password, or the token that stands for it.') }) },
  { title: 'OAuth 2 with client id and secret', entry: method('OAuth2 Client Credential', 'OAuth2ClientCredential', ['clientId', 'clientSecret', 'accessTokenUrl'], { clientId: plain('Client id'), clientSecret: secret('Client secret', 'Of the API’s client.'), accessTokenUrl: plain('Token endpoint') }) },
  { title: 'OAuth 2 with a refresh token', entry: method('Access Token', 'OAuth2RefreshCode', ['accessToken'], { accessToken: secret('Access token', 'Sent as Authorization: Bearer.'), refreshToken: secret('Refresh token', 'Renews the access token.'), clientId: plain('Client id'), clientSecret: secret('Client secret', 'Of the API’s client.'), accessTokenUrl: plain('Token endpoint') }) },
];

/** A name that none of these has. */
export function freeName(wanted: string, taken: string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); ++number) name = `${wanted} ${number}`;
  return name;
}

export const template = {
  name: 'my-orders',
  type: 'generic-rest',
  description: '',
  providerId: '0ed90a81-07f4-4586-8190-b40eccef1c5a',
  version: '1.0',
  authSpec: [],
  sourceSpec: {
    attributes: {
      uiAttributes: { isSource: true, isPreview: true, category: { text: 'protocols' }, label: { text: 'My orders' }, description: { text: 'Orders of my shop' } },
      urlParams: { host: 'https://api.example.com', path: '/orders', method: 'GET' },
      contentPath: { path: '$.orders', overrideWrapperAttribute: 'order' },
      paginationParams: { type: 'OFFSET', limitName: 'limit', limitValue: '100', offSetName: 'offset' },
      scheduleParams: { scheduleStartParamName: 'since', scheduleEndParamName: 'until' },
    },
    spec: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties: {} },
  },
  exploreSpec: { name: 'Resource', type: 'Resource', requestSpec: {}, responseSpec: {} },
};
