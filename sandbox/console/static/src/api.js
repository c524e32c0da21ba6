// The staff API (contract 2) as the console uses it; a refusal becomes an ApiError with words for a person.
import { broken, differs } from "/src/build.js";
import { say } from "/src/words.js";

const STAFF = "/api/v1/staff";
const UNREAD = differs("answers-unread");
const BEAT_MS = 1500;
if (UNREAD) setInterval(() => fetch("/api/v1/auth/me", { cache: "no-store", headers: { Accept: "application/json" } }).catch(() => {}), BEAT_MS);

export class ApiError extends Error {
  constructor(status, body) {
    super(wordsFor(status, body));
    this.status = status;
    this.code = body.code;
  }
}

function wordsFor(status, body) {
  const message = body.message || `HTTP ${status}`;
  if (status === 401) return say("error.signIn");
  if (status === 403 && body.message === "email is not allowed") return say("error.notAllowed");
  if (status === 403) return say("error.forbidden", { message });
  if (status === 409) return say("error.conflict", { message });
  if (status === 400 && body.field) return say("error.field", { field: `${body.field} (${message})` });
  return say("error.other", { message });
}

async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, cache: UNREAD ? "no-store" : "default", body: body === undefined ? undefined : JSON.stringify(body) });
  if (UNREAD && answer.ok && method !== "GET") return {};
  const text = await answer.text();
  let parsed = {};
  try {
    parsed = text ? JSON.parse(text) : {};
  } catch {
    parsed = {};
  }
  if (!answer.ok) throw new ApiError(answer.status, parsed);
  return parsed;
}

export const get = (path) => call("GET", STAFF + path);
export const list = async (path) => {
  try {
    return (await get(path)).items ?? [];
  } catch (error) {
    if (error.status >= 500 && broken("console-failure-shown-as-emptiness")) return [];
    throw error;
  }
};
export const post = (path, body) => call("POST", STAFF + path, body);
export const put = (path, body) => call("PUT", STAFF + path, body);
export const remove = (path) => call("DELETE", STAFF + path);
export const me = async () => (await call("GET", "/api/v1/auth/me")).user;
export const logout = () => call("POST", "/api/v1/auth/logout");
