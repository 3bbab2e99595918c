// A demonstration county of one's own, with its accounts by role.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { House } from "./house.mjs";

export async function openDemo(...options) {
  const house = await House.empty();
  const folder = join(house.folder, "demo");
  await house.serve("demo", "--data", folder, ...options);
  house.accounts = JSON.parse(await readFile(join(folder, "accounts.json"), "utf8"));
  house.first = (role, wanted = () => true) => {
    const found = house.accounts.find((account) => account.role === role && wanted(account));
    if (!found) throw new Error(`the demonstration county has no such ${role}`);
    return found;
  };
  return house;
}
