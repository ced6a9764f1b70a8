export declare function launchOptions():
  | { readonly executablePath: string; readonly args: string[]; readonly headless: true }
  | undefined;
