/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type StateName =
  | 'READY' | 'RUNNING' | 'SUSPENDED' | 'FINISHED' | 'FAILED' | 'REVOKED' | 'LOOP_READY' | 'BLOCKED' | 'ROLLING_BACK' | 'ROLL_BACK_SUCCESS' | 'ROLL_BACK_FAILED';

/** What every function of the Engine API answers. */
export interface Envelope<T> {
  result: boolean;
  message: string;
  data: T;
  code: string | null;
  details?: { path?: string } & Record<string, Json>;
}

export interface PipelineSummary {
  root_id: string;
  name: string | null;
  state: StateName;
  created_time: string;
  archived_time: string | null;
}

export interface PipelinePage {
  pipelines: PipelineSummary[];
  next_cursor: string | null;
}

export interface PipelineCounts {
  counts: Partial<Record<StateName, number>>;
  total: number;
}

/** A state as get_pipeline_states gives it. */
export interface NodeState {
  id: string;
  state: StateName;
  root_id: string;
  parent_id: string;
  version: string;
  loop: number;
  inner_loop: number;
  retry: number;
  skip: boolean;
  error_ignored: boolean;
  created_time: string | null;
  started_time: string | null;
  archived_time: string | null;
  children: Record<string, NodeState>;
}

export type WaitKind =
  | 'RunningComponent' | 'ComputingVariables' | 'RunningEndEvent' | 'Timer' | 'Callback' | 'Operator' | 'Pause' | 'Children' | 'Stuck';

export interface Wait {
  token: string;
  node_id: string;
  node_name: string;
  scope_id: string;
  kind: WaitKind;
  text: string;
  since: string | null;
  due: string | null;
  version: string | null;
  error: string | null;
  paused_by: string | null;
  branches_awaited: number | null;
  verbs: string[];
}

/** One fact of the journal; its other members depend on its name. */
export interface Fact {
  event: string;
  time?: string;
  [member: string]: unknown;
}

/** What one machine decided in one go. */
export interface Turn {
  position: number;
  root_id: string;
  machine: string;
  events: Fact[];
}

export interface DryRun {
  dry_run: true;
  turns: Turn[];
  effects: string[];
}

export interface Definition {
  root_id: string;
  pipeline: TreePipeline;
  created_time: string;
  operator: string | null;
  options: Record<string, Json>;
}

export interface Problem {
  code: string;
  path: string;
  message: string;
  severity: 'error' | 'warning';
}

export interface Validation {
  valid: boolean;
  problems: Problem[];
}

export type RoleName = 'viewer' | 'operator' | 'admin';

export interface Session {
  operator: string | null;
  role: RoleName;
  version: string;
  callback_tokens: boolean;
}

export interface ContextValue {
  key: string;
  type: string;
  value: Json;
  code: string | null;
}

export interface RawData {
  inputs: Record<string, { need_render: boolean; value: Json }>;
  outputs: Record<string, string>;
}

export interface ExecutionData {
  inputs: Record<string, Json> | null;
  outputs: Record<string, Json> | null;
}

export interface NodeHistory {
  id?: number;
  node_id: string;
  started_time: string | null;
  archived_time: string | null;
  loop: number;
  retry?: number;
  skip: boolean;
  version: string;
  inputs?: Json;
  outputs?: Json;
}

export interface BatchAnswer {
  preview: boolean;
  count: number;
  accepted: number;
  refused: number;
  results: { id: string; result: boolean; message: string; code: string | null }[];
}

// The tree that is submitted.

export interface TreeNode {
  id: string;
  type: string;
  name?: string | null;
  incoming?: string | string[];
  outgoing?: string | string[];
}

export interface TreeActivity extends TreeNode {
  component?: { code?: string; version?: string; inputs?: Record<string, Json> };
  pipeline?: TreePipeline;
  error_ignorable?: boolean;
  retryable?: boolean;
  skippable?: boolean;
  [member: string]: unknown;
}

export interface TreeGateway extends TreeNode {
  conditions?: Record<string, { evaluate?: string; name?: string }>;
  default_condition?: { flow_id?: string; name?: string };
  converge_gateway_id?: string;
}

export interface TreeFlow {
  id: string;
  source: string;
  target: string;
  is_default?: boolean;
}

export interface TreePipeline {
  id: string;
  name?: string | null;
  start_event: TreeNode;
  end_event: TreeNode;
  activities: Record<string, TreeActivity>;
  gateways: Record<string, TreeGateway>;
  flows: Record<string, TreeFlow>;
  data?: Json;
}
