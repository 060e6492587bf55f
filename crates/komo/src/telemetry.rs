//! Logs and metrics. Log lines never hold personal data or secrets; metrics have a listener of their own.

use std::{io::IsTerminal as _, net::SocketAddr};

use anyhow::Context;
use axum::{Router, routing::get};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{net::TcpListener, sync::watch};
use tracing_subscriber::EnvFilter;

use crate::{
    config::{Log, LogFormat},
    web::listen,
};

/// Starts logging to standard error, as configured.
pub fn start_logs(log: &Log) -> anyhow::Result<()> {
    // The driver repeats every notice of the server, such as "table exists, skipping".
    let level = format!("tokio_postgres=warn,{}", log.level);
    let filter = EnvFilter::try_new(&level).with_context(|| {
        format!(
            "configuration key `log.level`: `{}` is no level and no filter",
            log.level
        )
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match log.format {
        LogFormat::Text => lines.compact().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    // Only a second start in one process can fail, and then logging runs already.
    drop(started);
    Ok(())
}

/// Starts counting; the handle renders what was counted.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    // A second start in one process (tests) keeps the first recorder.
    drop(metrics::set_global_recorder(recorder));
    describe();
    Ok(handle)
}

fn describe() {
    use metrics::{
        describe_counter as counter, describe_gauge as gauge, describe_histogram as histogram,
    };
    counter!(
        "komo_entries_accepted_total",
        "Entries that were accepted and are on disk"
    );
    counter!(
        "komo_entries_refused_total",
        "Submissions that were not accepted, by HTTP status"
    );
    counter!("komo_plays_finished_total", "Plays that came to their end");
    counter!(
        "komo_delivery_calls_total",
        "Calls to connections, by HTTP status"
    );
    counter!(
        "komo_delivery_objects_total",
        "Objects in calls whose outcome is stored"
    );
    counter!(
        "komo_delivery_rate_limited_total",
        "Times a connection was told to wait"
    );
    counter!(
        "komo_delivery_crashes_total",
        "Times that the program itself failed while delivering"
    );
    gauge!(
        "komo_connection_health",
        "How a connection is doing: 0 well, 1 notice, 2 warning, 3 alarm"
    );
    gauge!(
        "komo_connection_affected",
        "Deliveries that the connection's trouble concerns"
    );
    counter!(
        "komo_mapping_notes_total",
        "Values left out of a delivery because they do not fit"
    );
    histogram!(
        "komo_delivery_call_seconds",
        metrics::Unit::Seconds,
        "Duration of calls to connections"
    );
}

/// Serves `/metrics` on its own listener until `stop` turns true.
pub async fn serve_metrics(
    listen_on: SocketAddr,
    handle: PrometheusHandle,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(listen_on).await.with_context(|| {
        format!(
            "can't listen on {listen_on} for metrics (configuration key `server.metrics_listen`)"
        )
    })?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/metrics", get(move || async move { handle.render() }));
    tokio::spawn(listen::serve(listener, router, stop));
    Ok(address)
}
