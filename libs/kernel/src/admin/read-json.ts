import { GatewayError } from "@tandem/contracts/errors";
import express, { type Request, type RequestHandler, type Response } from "express";
import { errorOfExpress } from "../express/express-error.ts";

/** Longer ones are no business of an operator's. */
const usual = 16_384;
const parsers = new Map<number, RequestHandler>();

function parserFor(limit: number): RequestHandler {
  const known = parsers.get(limit) ?? express.json({ limit, type: "application/json", strict: true });
  parsers.set(limit, known);
  return known;
}

/** The JSON body of a request to the admin plane; refuses what is longer than 16 KiB, or than is said, or something else. */
export async function readJson(request: Request, response: Response, { limit = usual } = {}): Promise<unknown> {
  const parse = parserFor(limit);
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(errorOfExpress(error))));
  });
  if (request.body === undefined) throw new GatewayError("request.malformed", { detail: "expected application/json" });
  return request.body;
}
