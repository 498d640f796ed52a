import { GatewayError } from "@tandem/contracts/errors";
import express, { type Request, type Response } from "express";
import { errorOfExpress } from "../express/express-error.ts";

/** Longer ones are no business of an operator's. */
const parse = express.json({ limit: 16_384, type: "application/json", strict: true });

/** The JSON body of a request to the admin plane; refuses what is longer than 16 KiB, or something else. */
export async function readJson(request: Request, response: Response): Promise<unknown> {
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(errorOfExpress(error))));
  });
  if (request.body === undefined) throw new GatewayError("request.malformed", { detail: "expected application/json" });
  return request.body;
}
