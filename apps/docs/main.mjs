import { buildSite, serveSite } from './build.mjs';

// Behind `npm run docs`, which installs the tools first.
console.log('Making the site …');
await buildSite();
await serveSite(Number(process.env.PORT));
