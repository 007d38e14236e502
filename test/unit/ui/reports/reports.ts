import type { Finding } from '../../../../src/finding.js';
import type { ProjectReport, Report, ReportSurroundings } from '../../../../src/ui/reports/report.js';

export const FINDING: Finding = {
  rule: 'tracking-uri-usable',
  severity: 'error',
  message: 'the tracking URI is the container itself',
  remedy: 'name the server: https://mlflow.example.com',
  place: { file: 'conf/local/mlflow.yml', line: 12 },
};

export const finding = (changes: Partial<Finding> = {}): Finding => ({ ...FINDING, ...changes });

export const { place: _place, ...PLACELESS } = FINDING;

export const project = (changes: Partial<ProjectReport> = {}): ProjectReport => ({
  name: 'Churn',
  folder: '',
  env: 'local',
  tracking: { uri: 'https://mlflow.example.com', experiment: 'churn' },
  rules: ['kedro-project', 'tracking-uri-usable'],
  off: [],
  findings: [],
  ...changes,
});

export const report = (...projects: readonly ProjectReport[]): Report => ({ version: 1, kdeploy: '0.1.0', projects });

export const PLAIN: ReportSurroundings = { readPage: () => Promise.resolve(undefined), colours: false };
