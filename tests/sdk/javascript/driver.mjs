// Does with the JavaScript SDK what the tests ask for: one JSON line in, one JSON line out, until the input ends.
// The SDK finds the server as any program of its user would: through the environment. Nothing here but the SDK talks
// to the server; the SDK's package stands in the first argument, options for the client in the second.
import { createInterface } from "node:readline";

const { GoogleGenAI } = await import(process.argv[2]);
const ai = new GoogleGenAI(JSON.parse(process.argv[3] ?? "{}"));
const streams = new Map();

const calls = {
  create: (params, options) => ai.interactions.create(params, options),
  get: (id, params) => ai.interactions.get(id, params),
  cancel: (id) => ai.interactions.cancel(id),
  delete: (id) => ai.interactions.delete(id),
  stream: (params) => opened((options) => ai.interactions.create(params, options)),
  follow: (id, params) => opened((options) => ai.interactions.get(id, params, options)),
  next: async (name) => {
    const { done, value } = await streams.get(name).events.next();
    return done ? { done: true } : { value };
  },
  abort: (name) => streams.get(name).abort(),
  leave: (name) => streams.get(name).events.return(),
  trigger: (method, ...args) => ai.triggers[method](...args),
  webhook: (call, args) => ai.webhooks[call](...args),
  decide: (params) => ai.decisions.create(params),
  models: async () => all(await ai.models.list()),
  model: (name) => ai.models.get({ model: name }),
  countTokens: (model, contents) => ai.models.countTokens({ model, contents }),
};

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

async function opened(open) {
  const controller = new AbortController();
  const stream = await open({ signal: controller.signal });
  const name = String(streams.size);
  streams.set(name, { events: stream[Symbol.asyncIterator](), abort: () => controller.abort() });
  return name;
}

async function answer(line) {
  const { call, args } = JSON.parse(line);
  try {
    return { value: await calls[call](...args) };
  } catch (error) {
    return { error: { name: error.name, status: error.status ?? null, message: error.message } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await answer(line)) + "\n");
}
