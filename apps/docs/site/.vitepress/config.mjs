import { API, apiPath, SECTIONS } from '../../contents.mjs';

const sections = SECTIONS.map(({ title, pages }) => ({
  text: title,
  collapsed: title === 'Project',
  items: pages.map(({ title: text, path: link }) => ({ text, link })),
}));
const api = {
  text: 'API',
  collapsed: false,
  items: Object.keys(API).map((name) => ({ text: name.replace('@goconnect/', ''), link: apiPath(name) })),
};

export default {
  title: 'GoConnect',
  description: 'Real-time messaging that a person can rely on: a typed client SDK and a reference server',
  lang: 'en',
  srcDir: '../dist/pages',
  outDir: '../dist/site',
  cacheDir: '../dist/cache',
  cleanUrls: false,
  head: [['link', { rel: 'icon', href: '/mark.svg', type: 'image/svg+xml' }]],
  // What documents hold is text: none of it may become a part of the page.
  markdown: { html: false },
  themeConfig: {
    logo: '/mark.svg',
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          searchOptions: {
            // Whoever searches wants to be told what to do; reasons and types come behind.
            boostDocument: (/** @type {string} */ page) =>
              /^\/guide\//.test(page) ? 4 : /^\/(api|project)\//.test(page) ? 0.5 : 1,
          },
        },
      },
    },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Guide', link: '/guide/getting-started' },
      { text: 'Operations', link: '/server/operations' },
      { text: 'Messages', link: '/reference/messages' },
      { text: 'API', link: '/api/client' },
    ],
    sidebar: [...sections.slice(0, -1), api, ...sections.slice(-1)],
  },
};
