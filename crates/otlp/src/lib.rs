//! Maps OpenTelemetry spans, logs and metrics to events.
