export { type AskParts, approvalOfCaller, createApprovals } from './ask.ts';
export { decideApproval, expireApprovals } from './decide.ts';
export { gatewayToolUseFacts, noteApprovedCalls } from './facts.ts';
export { approvalById, approvalContent, listApprovals } from './list-approvals.ts';
export { gatewayApprovalRoutes } from './routes.ts';
