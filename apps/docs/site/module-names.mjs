import { Converter } from 'typedoc';
import { API } from '../contents.mjs';

/** TypeDoc names a module by its file; readers know it by what they import. @param {import('typedoc').Application} app */
export function load(app) {
  const names = new Map(
    Object.entries(API).map(([name, file]) => [
      file.replace(/^packages\//, '').replace(/(\/index)?\.ts$/, ''),
      name.replace('@goconnect/', ''),
    ]),
  );
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = names.get(module.name) ?? module.name;
  });
}
