// The same scenarios for cucumber-js and Playwright, written for them alone: no evidence, no redaction, no clean-up
// beyond their own rows. What it is told in the environment: the staging (GATE_…), STATE (a session of an admin, signed
// in before), BROWSER and FLAGS.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import https from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { After, AfterAll, BeforeAll, Given, setDefaultTimeout, Then, When } from '@cucumber/cucumber'
import pg from 'pg'
import { chromium } from 'playwright-core'

const env = process.env
const domain = env.GATE_DOMAIN
const edge = env.GATE_HOSTS.split(',').map(one => one.split('=')).find(([name]) => name === `${domain}:443`)[1]
const state = JSON.parse(fs.readFileSync(env.STATE, 'utf8'))
const cookie = state.cookies.filter(one => domain.endsWith(one.domain.replace(/^\./, '')))
  .map(one => `${one.name}=${one.value}`).join('; ')
const agent = new https.Agent({ keepAlive: true, ca: fs.readFileSync(env.GATE_CA_FILE) })
const mark = `gate-${crypto.randomBytes(3).toString('hex')}`
const settle = Number(env.GATE_SETTLE_SECONDS) * 1000
const digest = (secret, body, how = 'sha256') => crypto.createHmac(how, secret).update(body).digest('hex')
setDefaultTimeout(120_000)
let database, browser, number = 0

BeforeAll(async () => {
  database = new pg.Client({ connectionString: env.GATE_DATABASE_URL })
  await database.connect()
})
AfterAll(async () => {
  await browser?.close()
  await database.end()
  agent.destroy()
})
After(async function () {
  await this.window?.close()
  if (this.slug) await database.query('DELETE FROM projects WHERE slug = $1', [this.slug])
})

function ask (method, path, body, headers) {
  const [host, port] = edge.split(':')
  const all = { Host: domain, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...headers }
  return new Promise((resolve, reject) => {
    const request = https.request({ host, port, path, method, agent, servername: domain, headers: all }, answer => {
      const parts = []
      answer.on('data', part => parts.push(part)).on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(parts).toString() }))
    })
    request.on('error', reject).end(body)
  })
}

const OTHER_END = hex => hex.slice(0, -1) + (hex.endsWith('0') ? '1' : '0')
const SIGNATURES = {
  forged: (secret, body) => `sha256=${OTHER_END(digest(secret, body))}`,
  'made with another secret': (secret, body) => `sha256=${digest(`${secret}x`, body)}`,
  'made with an empty secret': (secret, body) => `sha256=${digest('', body)}`,
  'made over another body': (secret, body) => `sha256=${digest(secret, `${body} `)}`,
  'made over an empty body': secret => `sha256=${digest(secret, '')}`,
  'a plain hash of the body': (_, body) => `sha256=${crypto.createHash('sha256').update(body).digest('hex')}`,
  truncated: (secret, body) => `sha256=${digest(secret, body).slice(0, 8)}`,
  'too long': (secret, body) => `sha256=${digest(secret, body)}00`,
  'not hexadecimal': () => `sha256=${'z'.repeat(64)}`,
  'a sha1 one': (secret, body) => `sha1=${digest(secret, body, 'sha1')}`,
  missing: () => undefined,
  'only in the old sha1 header': () => undefined,
  empty: () => '',
  'a prefix only': () => 'sha256=',
  'without its prefix': (secret, body) => digest(secret, body),
  'padded with white space': (secret, body) => `sha256= ${digest(secret, body)}`,
  'in upper-case hex': (secret, body) => `sha256=${digest(secret, body).toUpperCase()}`,
  'after an upper-case prefix': (secret, body) => `SHA256=${digest(secret, body)}`
}
const REWRITTEN = {
  'with other spaces': payload => JSON.stringify(payload, null, 1),
  'with its keys in another order': payload => JSON.stringify(Object.fromEntries(Object.entries(payload).reverse())),
  'with other line ends': payload => JSON.stringify(payload, null, 2).replaceAll('\n', '\r\n')
}

Given('GitHub is about to deliver a {string} event', function (event) {
  const repository = { id: 9e9 + ++number, full_name: `${mark}/probe`, name: 'probe', private: true }
  this.payload = { action: 'opened', installation: { id: 1 }, repository, sender: { id: 1, login: 'gate-probe' } }
  this.event = event
  this.id = `${mark}-${crypto.randomUUID()}`
})

async function deliver (world, body, signature, more = {}) {
  const headers = { 'X-GitHub-Delivery': world.id, 'X-GitHub-Event': world.event, ...more }
  if (signature !== undefined) headers['X-Hub-Signature-256'] = signature
  world.answer = await ask('POST', '/api/v1/webhooks/github', body, headers)
}
When(/^it delivers the event with a signature that is (.+)$/, async function (how) {
  const body = JSON.stringify(this.payload)
  const secret = env.GATE_WEBHOOK_SECRET
  const old = how.startsWith('only in') ? { 'X-Hub-Signature': `sha1=${digest(secret, body, 'sha1')}` } : {}
  await deliver(this, body, SIGNATURES[how](secret, body), old)
})
When(/^it delivers the event written anew (.+) under the old signature$/, async function (how) {
  const old = `sha256=${digest(env.GATE_WEBHOOK_SECRET, JSON.stringify(this.payload))}`
  await deliver(this, REWRITTEN[how](this.payload), old)
})
Then(/^the platform answers 401 itself(?: with the message "(.*)")?$/, function (message) {
  assert.equal(this.answer.status, 401, this.answer.text)
  if (message) assert.equal(JSON.parse(this.answer.text).message, message)
})
async function recorded (id) {
  const found = await database.query(
    `SELECT correlation_id FROM agent_runs WHERE correlation_id = $1
     UNION ALL SELECT correlation_id FROM flow_events WHERE correlation_id = $1`, [id])
  return found.rowCount
}
Then('no run and no event are recorded for the delivery', async function () {
  for (const end = Date.now() + settle; Date.now() < end; await pause(100)) assert.equal(await recorded(this.id), 0)
})
Then('the platform either refuses the event with 401 or records it like any other', async function () {
  if (this.answer.status !== 401) {
    assert.equal(this.answer.status, 202, this.answer.text)
    assert.ok(await recorded(this.id))
  }
})

Given('a platform admin is at the console', async function () {
  browser ??= await chromium.launch({ executablePath: env.BROWSER, args: JSON.parse(env.FLAGS) })
  await openWindow(this, 'en')
})
async function openWindow (world, language) {
  await world.window?.close()
  world.window = await browser.newContext({ storageState: state, viewport: { width: 1280, height: 900 } })
  await world.window.addCookies([{ name: env.LOCALE_COOKIE, value: language, url: `https://${domain}/` }])
  world.page = await world.window.newPage()
  world.language = language
  world.wrong = []
  world.page.on('pageerror', error => world.wrong.push(String(error)))
  world.page.on('console', line => line.type() === 'error' && world.wrong.push(line.text()))
  world.page.on('response', answer => answer.status() >= 400 && world.wrong.push(`${answer.status()} ${answer.url()}`))
}
Given('the platform has projects, new ones among them', async function () {
  this.slug = `${mark}-${++number}-page`
  const made = await ask('POST', '/api/v1/staff/projects', JSON.stringify({ slug: this.slug, name: `Page ${mark}` }), { Cookie: cookie })
  assert.equal(made.status, 201, made.text)
})
When(/^they open the Projects page (.+)$/, async function (way) {
  const home = `https://${domain}/`
  if (way === 'in the other language') await openWindow(this, 'ru')
  if (way === 'by its link') {
    await this.page.goto(`${home}runs`)
    await this.page.getByRole('link', { name: 'Projects' }).click()
  } else {
    await this.page.goto(home)
    if (way === 'and loads it again') await this.page.reload()
  }
})
Then('the page is whole, in the chosen language, and nothing failed behind it', async function () {
  const words = this.language === 'ru' ? ['Проекты', 'Слаг'] : ['Projects', 'Slug']
  await this.page.getByRole('heading', { name: words[0], exact: true }).waitFor()
  await this.page.getByRole('columnheader', { name: words[1], exact: true }).waitFor()
  await this.page.getByText(env.GATE_ADMIN_EMAIL).first().waitFor()
  assert.deepEqual(this.wrong, [])
})
Then('its rows agree with the database', async function () {
  await this.page.getByRole('cell', { name: this.slug, exact: true }).waitFor()
  const shown = await this.page.locator('tbody tr').evaluateAll(rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim())))
  const found = await database.query('SELECT id, slug, name FROM projects')
  const known = new Map(found.rows.map(one => [String(one.id), one]))
  for (const cells of shown) {
    const project = known.get(cells.find(cell => known.has(cell)))
    assert.ok(project && cells.includes(project.slug) && cells.includes(project.name), cells.join(' | '))
  }
  assert.deepEqual(this.wrong, [])
})
