/** Signs a body may consist of, by name; each is the inside of a character class. */
export const ALPHABETS = {
  digits: '0-9',
  hex: '0-9a-f',
  HEX: '0-9A-F',
  anyHex: '0-9a-fA-F',
  base32: 'A-Z2-7',
  upper: 'A-Z0-9',
  lower: 'a-z0-9',
  letters: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  word: 'A-Za-z0-9_',
  url: 'A-Za-z0-9_-',
  dotted: 'A-Za-z0-9._-',
  base64: 'A-Za-z0-9+/=',
  any64: 'A-Za-z0-9+/=_-',
} as const;

export type Alphabet = keyof typeof ALPHABETS;

/** A key with a fixed start and a body of known signs and length. The gateway and the scan of source trees read one list. */
export type VendorFormat = {
  id: string;
  title: string;
  prefix: string;
  alphabet: Alphabet;
  least: number;
  most: number;
};

/**
 * `id title | prefix | alphabet | least | most`, from the vendors' own documentation of their key formats. Several prefixes
 * of one format stand with commas between them. No line holds a key.
 */
const TABLE = `
aws-access-key AWS access key id | AKIA,ASIA,ABIA,ACCA,A3T0 | upper | 16 | 16
alibaba-key Alibaba Cloud access key | LTAI | alnum | 12 | 24
tencent-key Tencent Cloud secret id | AKID | alnum | 32 | 32
google-api-key Google API key | AIza | url | 35 | 35
google-oauth-secret Google OAuth client secret | GOCSPX- | url | 28 | 28
google-oauth-token Google OAuth access token | ya29. | url | 30 | 300
anthropic-key Anthropic key | sk-ant-api,sk-ant-admin,sk-ant-oat,sk-ant-sid | url | 40 | 160
openai-project-key OpenAI key | sk-proj-,sk-svcacct-,sk-admin-,sk-None- | url | 20 | 220
openrouter-key OpenRouter key | sk-or-v1- | hex | 48 | 72
langfuse-key Langfuse secret key | sk-lf- | anyHex | 8 | 60
huggingface-token Hugging Face token | hf_,api_org_ | alnum | 30 | 40
groq-key Groq key | gsk_ | alnum | 40 | 60
xai-key xAI key | xai- | alnum | 60 | 90
perplexity-key Perplexity key | pplx- | alnum | 40 | 60
replicate-token Replicate token | r8_ | alnum | 36 | 40
nvidia-key NVIDIA API key | nvapi- | url | 50 | 90
tavily-key Tavily key | tvly- | url | 24 | 60
pinecone-key Pinecone key | pcsk_ | word | 40 | 90
langsmith-key LangSmith key | lsv2_pt_,lsv2_sk_ | word | 32 | 60
together-key Together key | tgp_v1_ | url | 40 | 60
voyage-key Voyage AI key | pa- | url | 40 | 60
fireworks-key Fireworks AI key | fw_ | alnum | 20 | 32
jina-key Jina AI key | jina_ | url | 50 | 70
elevenlabs-key ElevenLabs key | sk_ | hex | 48 | 48
github-token GitHub token | ghp_,gho_,ghu_,ghs_,ghr_ | alnum | 30 | 255
github-fine-token GitHub fine-grained token | github_pat_ | word | 40 | 255
gitlab-token GitLab token | glpat-,glptt-,gldt-,glrt-,glcbt-,gloas-,glft-,glimt-,glagent-,glsoat-,GR1348941 | url | 20 | 64
bitbucket-token Bitbucket token | ATBB,BBDC- | any64 | 24 | 64
atlassian-token Atlassian API token | ATATT3xFfGF0,ATCTT3xFfGN0 | any64 | 100 | 220
slack-token Slack token | xoxb-,xoxp-,xoxa-,xoxr-,xoxs-,xoxe-,xoxo- | url | 10 | 250
slack-app-token Slack app token | xapp- | url | 30 | 180
stripe-key Stripe secret key | sk_live_,sk_test_,rk_live_,rk_test_,sk_prod_,rk_prod_ | alnum | 10 | 250
stripe-webhook-secret Stripe webhook secret | whsec_ | any64 | 24 | 80
square-token Square token | sq0atp-,sq0csp-,sq0idp- | url | 22 | 60
square-access-token Square access token | EAAA | url | 60 | 60
shopify-token Shopify token | shpat_,shpss_,shpca_,shppa_ | anyHex | 32 | 32
shippo-token Shippo token | shippo_live_,shippo_test_ | hex | 40 | 40
easypost-key EasyPost key | EZAK,EZTK | alnum | 54 | 54
flutterwave-key Flutterwave key | FLWSECK_TEST-,FLWSECK-,FLWPUBK_TEST- | alnum | 12 | 60
duffel-token Duffel token | duffel_test_,duffel_live_ | url | 43 | 43
plaid-token Plaid access token | access-sandbox-,access-development-,access-production- | url | 36 | 36
paystack-key Razorpay key | rzp_live_,rzp_test_ | alnum | 14 | 24
sendgrid-key SendGrid key | SG. | dotted | 60 | 70
mailgun-key Mailgun key | key- | hex | 32 | 32
brevo-key Brevo key | xkeysib-,xsmtpsib- | url | 64 | 96
resend-key Resend key | re_ | word | 30 | 40
postman-key Postman key | PMAK- | url | 50 | 70
doppler-token Doppler token | dp.pt.,dp.st.,dp.ct.,dp.sa.,dp.scim.,dp.audit. | dotted | 40 | 64
linear-key Linear key | lin_api_,lin_oauth_ | alnum | 32 | 64
notion-token Notion token | ntn_ | alnum | 40 | 60
figma-token Figma token | figd_,figo_ | url | 36 | 60
airtable-token Airtable token | pat1,patA,patB,patC,patk,pato | dotted | 60 | 90
typeform-token Typeform token | tfp_ | dotted | 40 | 70
databricks-token Databricks token | dapi | hex | 32 | 34
grafana-token Grafana token | glsa_,glc_ | any64 | 32 | 400
newrelic-key New Relic key | NRAK-,NRII-,NRRA-,NRIQ-,NRAA-,NRJS-,NRSP- | any64 | 19 | 48
sentry-token Sentry token | sntrys_,sntryu_ | any64 | 40 | 300
dynatrace-token Dynatrace token | dt0c01.,dt0s01.,dt0s16. | dotted | 80 | 100
posthog-key PostHog key | phx_,phs_,phc_ | word | 40 | 60
vault-token HashiCorp Vault token | hvs.,hvb.,hvr. | url | 24 | 300
pulumi-token Pulumi token | pul- | hex | 40 | 40
npm-token npm token | npm_ | alnum | 36 | 36
pypi-token PyPI token | pypi-AgE | url | 50 | 300
rubygems-key RubyGems key | rubygems_ | hex | 48 | 48
nuget-key NuGet key | oy2 | lower | 43 | 43
docker-token Docker Hub token | dckr_pat_,dckr_oat_ | url | 27 | 36
digitalocean-token DigitalOcean token | dop_v1_,doo_v1_,dor_v1_ | hex | 64 | 64
heroku-key Heroku key | HRKU-AA | url | 50 | 64
planetscale-token PlanetScale token | pscale_tkn_,pscale_pw_,pscale_oauth_ | dotted | 32 | 64
supabase-token Supabase token | sbp_,sb_secret_ | word | 24 | 60
neon-key Neon key | napi_ | lower | 60 | 70
fly-token Fly.io token | fo1_,fm1_,fm1r_,fm2_ | any64 | 40 | 500
netlify-token Netlify token | nfp_,nfc_,nfo_,nfu_ | alnum | 36 | 60
vercel-token Vercel token | vcp_,vci_,vca_,vcr_,vck_ | alnum | 24 | 60
contentful-token Contentful token | CFPAT- | url | 43 | 43
sourcegraph-token Sourcegraph token | sgp_,slk_ | word | 40 | 70
prefect-token Prefect token | pnu_,pnb_ | alnum | 36 | 36
scalingo-token Scalingo token | tk-us- | url | 48 | 48
readme-token ReadMe token | rdme_ | alnum | 60 | 80
frameio-token Frame.io token | fio-u-,ffio-u- | any64 | 50 | 80
adobe-secret Adobe client secret | p8e- | url | 32 | 32
authress-key Authress service client key | sc_,ext_,scauth_,authress_ | dotted | 60 | 300
bedrock-key AWS Bedrock API key | ABSK | base64 | 100 | 300
defined-networking-key Defined Networking API key | dnkey- | url | 60 | 90
dependency-track-key Dependency-Track API key | odt_ | alnum | 32 | 40
lob-key Lob API key | live_,test_ | hex | 35 | 35
octopus-key Octopus Deploy API key | API- | upper | 26 | 26
codemagic-token Codemagic token | codemagic_ | url | 36 | 64
teamwork-token Teamwork token | tkn.v1_ | any64 | 40 | 120
dropbox-token Dropbox token | sl.A,sl.B,sl.u. | url | 60 | 1500
meta-token Facebook token | EAACEdEose0cBA,EAAM,EAAC | alnum | 60 | 300
age-key age secret key | AGE-SECRET-KEY-1 | upper | 58 | 58
onepassword-key 1Password service account | ops_eyJ | any64 | 100 | 900
telegram-like-token Intra42 secret | s-s4t2ud-,s-s4t2af- | hex | 64 | 64
infracost-key Infracost key | ico- | alnum | 32 | 32
buildkite-token Buildkite token | bkua_,bkat_ | hex | 40 | 40
circleci-token CircleCI token | CCIPAT_,CCIPRJ_ | word | 40 | 80
hubspot-token HubSpot private app token | pat-na1-,pat-eu1-,pat-na2-,pat-ap1- | url | 36 | 36
harness-token Harness token | pat.,sat. | dotted | 60 | 75
clojars-token Clojars token | CLOJARS_ | lower | 60 | 60
ionic-token Ionic token | ion_ | alnum | 42 | 42
fleetbase-key Fleetbase key | flb_live_,flb_test_ | alnum | 20 | 20
twilio-key Twilio key | SK | anyHex | 32 | 32
adafruit-key Adafruit IO key | aio_ | alnum | 28 | 28
cloudflare-ca-key Cloudflare origin CA key | v1.0- | url | 100 | 200
openshift-token OpenShift token | sha256~ | url | 43 | 43
yandex-key Yandex key | AQVN,t1. | any64 | 35 | 220
tailscale-key Tailscale key | tskey-auth-,tskey-api-,tskey-client- | url | 20 | 70
mapbox-secret Mapbox secret token | sk.eyJ | dotted | 60 | 200
artifactory-key Artifactory key | AKCp,cmVmd | alnum | 59 | 70
settlemint-token SettleMint token | sm_pat_,sm_aat_,sm_sat_ | alnum | 16 | 16
stackhawk-key StackHawk key | hawk. | dotted | 40 | 44
`;

export const VENDOR_FORMATS: readonly VendorFormat[] = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [name = '', prefixes = '', alphabet = '', least = '', most = ''] = line.split('|').map((cell) => cell.trim());
    const id = name.slice(0, name.indexOf(' '));
    const title = name.slice(name.indexOf(' ') + 1);
    if (!isAlphabet(alphabet)) throw new RangeError(`vendor format ${id}: unknown alphabet ${alphabet}`);
    return prefixes
      .split(',')
      .map((prefix) => ({ id, title, prefix, alphabet, least: Number(least), most: Number(most) }));
  });

const FIXED_LEAST = 16;
const LETTERS_ONLY = /^[A-Za-z_.-]+$/;
const CASE_CHANGES = 4;

/**
 * Whether what follows the start of a format was drawn rather than written: a body of letters only is a word, unless its
 * length is fixed or small and capital letters follow each other as no word has them.
 */
export function isDrawnBody(format: VendorFormat, body: string): boolean {
  if (!LETTERS_ONLY.test(body)) return true;
  if (format.least === format.most && format.least >= FIXED_LEAST && !/[_.-]/.test(body)) return true;
  return (body.match(/[a-z][A-Z]/g)?.length ?? 0) >= CASE_CHANGES;
}

function isAlphabet(name: string): name is Alphabet {
  return Object.hasOwn(ALPHABETS, name);
}
