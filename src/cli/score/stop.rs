/*!
Signals that ask a run to end.

The thread that hears one takes the sink, as soon as no batch is being written, keeps what is whole, says how to go on,
and ends the process with 128 and the number of the signal, as a shell reports it. It does not wait for records that are
still being read or scored: they are not lost, they are not done.
*/

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::sink::Sink;

/// The sink while a run lasts; none when it is finished.
#[derive(Clone)]
pub(super) struct Shared {
    sink: Arc<Mutex<Option<Sink>>>,
    /// The run is asked to end, and what writes steps back.
    ending: Arc<AtomicBool>,
}

impl Shared {
    pub(super) fn new(sink: Sink) -> Shared {
        Shared { sink: Arc::new(Mutex::new(Some(sink))), ending: Arc::default() }
    }

    /// The sink, for the thread that writes.
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Sink>> {
        // Locks are not fair: without this the other thread might wait for ever. It ends the process.
        while self.ending.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
pub(super) fn on_signals(sink: &Shared) -> anyhow::Result<()> {
    use anyhow::Context;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot hear signals")?;
    let sink = sink.clone();
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
                end(&sink, name);
                std::process::exit(128 + signal);
            }
        })
        .context("cannot hear signals")?;
    Ok(())
}

/// Elsewhere the system's own way of ending a program stays, and a checkpoint holds all the same.
#[cfg(not(unix))]
pub(super) fn on_signals(_: &Shared) -> anyhow::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn end(sink: &Shared, signal: &str) {
    use std::sync::TryLockError;
    use std::time::Instant;

    /// A reader of stdout that does not read holds a batch back for ever. The checkpoint before it is true.
    const PATIENCE: Duration = Duration::from_secs(3);

    let asked = Instant::now();
    sink.ending.store(true, Ordering::Relaxed);
    loop {
        let mut held = match sink.sink.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(_)) => return,
            Err(TryLockError::WouldBlock) if asked.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            }
            Err(TryLockError::WouldBlock) => {
                crate::cli::common::message(format_args!(
                    "ended by {signal} while a reader of the output did not read"
                ));
                return;
            }
        };
        if let Some(sink) = held.as_mut() {
            sink.report.clear();
            crate::cli::common::message(format_args!("ended by {signal}"));
            sink.give_up();
            // Nobody may write behind this.
            std::mem::forget(held);
        }
        return;
    }
}
