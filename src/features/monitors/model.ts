// What other features and the pages see of monitors, noun by noun.
export * from './baseline-model.ts';
export * from './change-model.ts';
export * from './decision-model.ts';
export * from './evidence-model.ts';
export * from './judging-model.ts';
export * from './metric-model.ts';
export * from './monitor-model.ts';
export * from './operation-model.ts';
export * from './proposal-model.ts';
export * from './specification-model.ts';
export * from './window-model.ts';
