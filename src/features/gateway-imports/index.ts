export { otherGatewayRouteFacts } from './facts.ts';
export { importConfig, listImports, removeImport } from './import-config.ts';
export { gatewayImportRoutes } from './routes.ts';
