import type { SlackHandler } from '../../config/settings/dag-settings.js';
import { assignment, list, literal, type Expression } from '../python/expression.js';
import type { Section } from './run-environment.js';

const DEFAULT_MESSAGE = 'Task {task} of DAG {dag} failed ({execution_time}): {url}';

const NOTIFY = `def notify_slack(context):
    """Tells Slack which task failed."""
    task, run = context["ti"], context["dag_run"]
    date = getattr(run, "logical_date", None) or getattr(run, "run_after", None)
    values = {
        "task": task.task_id,
        "dag": run.dag_id,
        "execution_time": date.isoformat() if date else run.run_id,
        "url": task.log_url,
    }
    for connection, text in SLACK_MESSAGES:
        hook = SlackWebhookHook(slack_webhook_conn_id=connection)
        hook.send(text=text.format(**values))`;

export function failureCallback(handlers: readonly SlackHandler[]): Section {
  if (handlers.length === 0) return { imports: { modules: [], names: {}, versioned: [] }, constants: [], blocks: [] };
  const messages: Expression[] = handlers.map(({ connectionId, message }) => ({
    open: '(',
    items: [connectionId, message ?? DEFAULT_MESSAGE].map((value) => ({ prefix: '', value: literal(value) })),
    close: ')',
  }));
  return {
    imports: {
      modules: [],
      names: { 'airflow.providers.slack.hooks.slack_webhook': ['SlackWebhookHook'] },
      versioned: [],
    },
    constants: [
      '# Connections of Slack webhooks, and what they are told when a task fails.',
      assignment('SLACK_MESSAGES', list(messages)),
    ],
    blocks: [NOTIFY],
  };
}
