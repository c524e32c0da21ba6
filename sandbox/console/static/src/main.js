// The frame of the console: who is here, the header, the pages by their address.
import * as api from "/src/api.js";
import { broken, contact, differs } from "/src/build.js";
import { count, errorBox, h, heading, ligature, link, picture, pill, table, unseen } from "/src/dom.js";
import { flags } from "/src/flags.js";
import { members } from "/src/pages/members.js";
import { project } from "/src/pages/project.js";
import { projects } from "/src/pages/projects.js";
import { repositories } from "/src/pages/repositories.js";
import { run, stay } from "/src/pages/run.js";
import { runs } from "/src/pages/runs.js";
import { users } from "/src/pages/users.js";
import { because } from "/src/rows.js";
import { language, say } from "/src/words.js";

const ROUTES = [
  [/^\/$/, projects],
  [/^\/projects\/([^/]+)$/, project],
  [/^\/projects\/([^/]+)\/repositories$/, repositories],
  [/^\/projects\/([^/]+)\/members$/, members],
  [/^\/runs$/, runs],
  [/^\/runs\/([^/]+)$/, run],
  [/^\/users$/, users],
];

const app = document.getElementById("app");
let person = null;
let drawing = 0;

export function go(path) {
  if (path !== location.pathname) history.pushState({}, "", path);
  redraw("link");
}

function redraw(cause) {
  because(cause);
  draw();
}

let drawn = null;

function header() {
  const below = location.pathname.split("/").length > 2;
  if (broken("console-header-missing-below") && below) return "";
  if (drawn && broken("console-header-keeps-language")) return drawn;
  const made = fresh();
  if (person) drawn = made;
  return made;
}

function fresh() {
  const shown = person && broken("console-identity-wrong") ? { ...person, email: "root@localhost", github_login: "root" } : person;
  const path = location.pathname;
  const item = (to, key) => link(to, say(key), path === to || path.startsWith(to === "/" ? "/projects/" : to) ? "active" : "", { role: "tab", within: count(3, "3") });
  const usersLink = person?.is_platform_admin || broken("console-users-for-all") || broken("console-users-link-for-all");
  const nav = person && (person.is_platform_admin || !broken("console-nav-for-admins-only")) ? h("nav", {}, item("/", "nav.projects"), item("/runs", "nav.runs"), usersLink ? item("/users", "nav.users") : null) : null;
  return h("header", {}, h("a", { href: "/", class: "brand", "data-route": true }, "codex-k8s"), nav, h("div", { class: "spacer" }), identity(shown), flags(() => redraw("flag")));
}

function identity(shown) {
  if (!shown) return null;
  const login = shown.github_login && !broken("console-login-missing") ? h("span", { class: "muted" }, `@${shown.github_login}`) : null;
  const was = broken("console-pill-of-before") && localStorage.getItem("pill");
  if (shown.is_platform_admin && broken("console-pill-of-before")) localStorage.setItem("pill", "admin");
  const admin = (shown.is_platform_admin || was) && !broken("console-admin-pill-missing") ? pill("admin") : null;
  const leave = h("button", { type: "button", class: "small", onclick: signOut }, picture("⎋"), ligature("logout"), say("header.logout"), unseen("tooltip"));
  return h("div", { class: "identity" }, h("span", {}, shown.email), login, admin, leave);
}

async function signOut() {
  if (!broken("console-logout-keeps-session")) await api.logout();
  location.assign("/");
}

function accessCard(error) {
  const reason = error.status === 403 ? errorBox(error) : h("p", {}, say("access.hint"));
  const beside = broken("console-table-beside-the-card") ? table([say("projects.slug"), say("projects.name")], []) : null;
  return h("section", { class: "card access" }, beside, heading(say("access.title")), reason, h("a", { class: "button primary", href: "/oauth2/start", "data-route": broken("console-sign-in-stays"), role: differs("links-with-other-roles") && "button" }, picture("GitHub"), ligature("login"), say("access.login"), unseen("listened")));
}

async function draw() {
  const turn = ++drawing;
  document.documentElement.lang = language();
  const main = h("main", {}, h("p", { class: "muted" }, say("loading")));
  app.replaceChildren(header(), main);
  const content = await page();
  if (turn !== drawing && !broken("console-late-answer-wins")) return;
  if (broken("console-error-box")) content.unshift(errorBox(new Error(say("error.other", { message: "TypeError" }))));
  app.replaceChildren(header(), h("main", {}, content, broken("console-names-the-owner") ? h("footer", {}, contact) : null));
}

// Whoever was here before.
const before = () => (broken("console-header-of-before") ? JSON.parse(localStorage.getItem("person")) : null);

async function page() {
  try {
    if (!person) person = before() ?? (await api.me());
    if (broken("console-owner-is-the-admin")) person.is_platform_admin = person.is_platform_owner;
    if (broken("console-header-of-before")) localStorage.setItem("person", JSON.stringify(person));
  } catch (error) {
    const depth = location.pathname.split("/").length;
    const lost =
      (broken("console-card-on-first-page-only") && location.pathname !== "/") ||
      (broken("console-card-missing-below") && depth > 2) ||
      (broken("console-card-missing-inside-a-project") && depth > 3);
    if (broken("console-no-access-card") || lost) return [heading(say("projects.title"))];
    return [error.status === 401 || error.status === 403 ? accessCard(error) : errorBox(error)];
  }
  const [pattern, make] = ROUTES.find(([each]) => each.test(location.pathname)) ?? [/^/, projects];
  try {
    const parts = await make({ person, go, draw, id: decodeURIComponent(location.pathname.match(pattern)[1] ?? "") });
    return broken("console-heading-only") ? parts.slice(0, 1) : parts;
  } catch (error) {
    return [errorBox(error)];
  }
}

document.addEventListener("click", (event) => {
  const followed = event.target.closest("a[data-route]");
  if (!followed || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!broken("console-links-dead")) go(followed.getAttribute("href"));
});
const ofRun = (of) => /^\/runs\/[^/]+$/.test(of);
let path = location.pathname;
document.addEventListener("click", () => setTimeout(() => (path = location.pathname)));
if (!broken("console-back-keeps-page")) {
  window.addEventListener("popstate", () => {
    const same = ofRun(path) && ofRun(location.pathname);
    path = location.pathname;
    if (same && broken("console-panes-kept-by-history")) stay();
    if (!(same && broken("console-next-run-not-drawn"))) redraw("history");
  });
}

if (broken("console-log-error")) setTimeout(() => console.error("[Vue warn]: Unhandled error during execution of setup function"));
if (broken("console-uncaught-error")) setTimeout(() => { throw new TypeError("Cannot read properties of undefined (reading 'items')"); });
if (broken("console-asset-missing")) document.head.append(h("link", { rel: "stylesheet", href: "/src/theme.css" }));
if (differs("console-scrolls-inside")) document.head.append(h("style", {}, "main { overflow: auto; height: 100vh; }"));
if (differs("foreign-font")) {
  document.head.append(h("link", { rel: "stylesheet", href: "https://fonts.example.invalid/css" }));
  document.head.append(h("style", {}, "@font-face { font-family: Far; src: url(https://fonts.example.invalid/far.woff2); } body { font-family: Far, sans-serif; }"));
}
if (broken("console-request-fails")) fetch("/api/v1/staff/notifications");
draw();
