import type { Candidate } from "./candidate.ts";
import { Candidates } from "./candidates.ts";
import type { Question } from "./question.ts";

/** All that leads somewhere at one host and path, by method. */
export class Leaf {
  readonly #named = new Map<string, Candidates<Candidate>>();
  readonly #any = new Candidates<Candidate>();

  /** To be called in the order of rank. */
  add(candidate: Candidate): void {
    if (!candidate.methods) return this.#any.add(candidate);
    for (const method of new Set(candidate.methods)) {
      let named = this.#named.get(method);
      if (!named) this.#named.set(method, (named = new Candidates<Candidate>()));
      named.add(candidate);
    }
  }

  /** To be called once all are in. */
  finish(): void {
    for (const candidates of [this.#any, ...this.#named.values()]) candidates.finish();
  }

  /** Of those that name the method, then for HEAD of those that name GET, then of those that take any. */
  find(question: Question): Candidate | undefined {
    if (this.#named.size === 0) return this.#any.find(question);
    const { method } = question;
    return (
      this.#named.get(method)?.find(question) ??
      (method === "HEAD" ? this.#named.get("GET")?.find(question) : undefined) ??
      this.#any.find(question)
    );
  }

  /** Adds the methods with which the same request would be taken; an asterisk stands for every one. */
  collect(question: Question, methods: Set<string>): void {
    if (this.#any.find(question)) methods.add("*");
    for (const [method, candidates] of this.#named)
      if (candidates.find(question)) {
        methods.add(method);
        if (method === "GET") methods.add("HEAD");
      }
  }

  /** All of them, in the order in which `find` looks for a method; those that do not take it come last. */
  *inOrder(method: string): Generator<{ readonly candidate: Candidate; readonly takesMethod: boolean }> {
    const order = method === "HEAD" ? ["HEAD", "GET"] : [method];
    const taking = new Set(order.flatMap((name) => [...(this.#named.get(name) ?? [])]).concat(...this.#any));
    for (const candidate of taking) yield { candidate, takesMethod: true };
    const others = new Set([...this.#named.values()].flatMap((candidates) => [...candidates]));
    for (const candidate of others) if (!taking.has(candidate)) yield { candidate, takesMethod: false };
  }
}
