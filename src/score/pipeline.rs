/*!
Many threads, one order: items in, results out in the order of the items, in bounded memory.

One thread reads, several work, and the calling thread writes. What waits to be worked on is bounded by its bytes; what
waits to be written is bounded by a window of batches, so that one huge item holds the others back instead of letting
their results pile up. A free worker takes what there is instead of waiting for a full batch: a feed that comes line by
line is answered line by line, and a feed that comes fast is worked on in large batches.

Nothing here knows files, feeds or terminals.
*/

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How much may be under way at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipelineLimits {
    /// Threads that work, beside the one that reads and the one that writes.
    pub threads: NonZeroUsize,
    /// Items in a batch at most.
    pub batch_items: usize,
    /// Bytes in a batch at most, unless a single item has more.
    pub batch_bytes: usize,
    /// Bytes that wait to be worked on at most, unless a single item has more.
    pub queued_bytes: usize,
    /// Batches between the oldest that is not written and the newest that is worked on, for each thread.
    pub window: usize,
}

impl PipelineLimits {
    /// The limits for a number of threads.
    pub const fn new(threads: NonZeroUsize) -> PipelineLimits {
        PipelineLimits { threads, batch_items: 64, batch_bytes: 256 << 10, queued_bytes: 4 << 20, window: 8 }
    }
}

/// Works on `source` in many threads and gives the results to `sink` in order.
///
/// `weigh` tells the bytes of an item; `work` makes one result of the items of a batch, which follow one another in the
/// source (how many they are is chance); `sink` runs in the calling thread.
///
/// # Errors
///
/// The first error of the source, after the results of all items before it were given to the sink; or the first error
/// of the sink, which ends the run.
///
/// # Panics
///
/// When `work` or the source panics.
pub fn run<I, O, E>(
    limits: &PipelineLimits,
    source: impl Iterator<Item = Result<I, E>> + Send,
    weigh: impl Fn(&I) -> usize + Send,
    work: impl Fn(Vec<I>) -> O + Sync,
    mut sink: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E>
where
    I: Send,
    O: Send,
    E: Send,
{
    let shared = Shared::new();
    let failed = std::thread::scope(|scope| {
        // Whatever ends the writing, by panic too, ends the others; else the scope would wait for them for ever.
        let _stop = Stop { shared: &shared, always: true };
        scope.spawn(|| shared.read(limits, source, weigh));
        for _ in 0..limits.threads.get() {
            scope.spawn(|| shared.work(limits, &work));
        }
        while let Some(result) = shared.next_result() {
            if let Err(e) = sink(result) {
                return Some(e);
            }
        }
        None
    });
    let error = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner).error;
    failed.or(error).map_or(Ok(()), Err)
}

struct Shared<I, O, E> {
    state: Mutex<State<I, O, E>>,
    /// There is something to work on, or room in the window, or nothing more will come.
    work: Condvar,
    /// There is room in the queue.
    room: Condvar,
    /// The next result is there, or none will come.
    result: Condvar,
}

struct State<I, O, E> {
    queue: VecDeque<(I, usize)>,
    queued_bytes: usize,
    /// Batches that were given to the sink; the number of the first of `results`.
    written: u64,
    /// Of the batches that workers took and the sink did not: the results, as far as they are there.
    results: VecDeque<Option<O>>,
    idle: usize,
    ended: bool,
    stopped: bool,
    error: Option<E>,
}

impl<I, O, E> Shared<I, O, E> {
    fn new() -> Shared<I, O, E> {
        let state = State {
            queue: VecDeque::new(),
            queued_bytes: 0,
            written: 0,
            results: VecDeque::new(),
            idle: 0,
            ended: false,
            stopped: false,
            error: None,
        };
        Shared { state: Mutex::new(state), work: Condvar::new(), room: Condvar::new(), result: Condvar::new() }
    }

    /// A panic elsewhere poisons the lock, and the state is still whole: no code that can panic runs under it.
    fn lock(&self) -> MutexGuard<'_, State<I, O, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, limits: &PipelineLimits, source: impl Iterator<Item = Result<I, E>>, weigh: impl Fn(&I) -> usize) {
        let _stop = Stop { shared: self, always: false };
        let mut error = None;
        for item in source {
            let item = match item {
                Ok(item) => item,
                Err(e) => {
                    error = Some(e);
                    break;
                }
            };
            let weight = weigh(&item);
            let mut state = self.lock();
            while !state.stopped && !state.queue.is_empty() && state.queued_bytes + weight > limits.queued_bytes {
                state = wait(&self.room, state);
            }
            if state.stopped {
                return;
            }
            state.queued_bytes += weight;
            state.queue.push_back((item, weight));
            // Waking costs a system call, and mostly nobody sleeps.
            if state.idle > 0 {
                self.work.notify_one();
            }
        }
        let mut state = self.lock();
        state.error = error;
        state.ended = true;
        self.work.notify_all();
        self.result.notify_all();
    }

    fn work(&self, limits: &PipelineLimits, work: &impl Fn(Vec<I>) -> O) {
        let _stop = Stop { shared: self, always: false };
        while let Some((number, batch)) = self.next_batch(limits) {
            let result = work(batch);
            let mut state = self.lock();
            let place = (number - state.written) as usize;
            state.results[place] = Some(result);
            if place == 0 {
                self.result.notify_one();
            }
        }
    }

    fn next_batch(&self, limits: &PipelineLimits) -> Option<(u64, Vec<I>)> {
        let threads = limits.threads.get();
        let mut state = self.lock();
        while state.queue.is_empty() || state.results.len() >= limits.window * threads {
            if state.stopped || (state.ended && state.queue.is_empty()) {
                return None;
            }
            state.idle += 1;
            state = wait(&self.work, state);
            state.idle -= 1;
        }
        if state.stopped {
            return None;
        }
        // A share of what there is, so that the last items of a feed are spread over the threads too.
        let most = state.queue.len().div_ceil(threads).min(limits.batch_items);
        let mut batch = Vec::with_capacity(most);
        let mut bytes = 0;
        while batch.len() < most.max(1)
            && let Some((_, weight)) = state.queue.front()
            && (batch.is_empty() || bytes + weight <= limits.batch_bytes)
        {
            let Some((item, weight)) = state.queue.pop_front() else { break };
            bytes += weight;
            state.queued_bytes -= weight;
            batch.push(item);
        }
        let number = state.written + state.results.len() as u64;
        state.results.push_back(None);
        self.room.notify_one();
        Some((number, batch))
    }

    fn next_result(&self) -> Option<O> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if state.results.is_empty() && state.ended && state.queue.is_empty() {
                return None;
            }
            if let Some(result) = state.results.front_mut().and_then(Option::take) {
                state.results.pop_front();
                state.written += 1;
                if state.idle > 0 {
                    self.work.notify_all();
                }
                return Some(result);
            }
            state = wait(&self.result, state);
        }
    }
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Ends the run when it is dropped, always or only in a panic.
struct Stop<'a, I, O, E> {
    shared: &'a Shared<I, O, E>,
    always: bool,
}

impl<I, O, E> Drop for Stop<'_, I, O, E> {
    fn drop(&mut self) {
        if self.always || std::thread::panicking() {
            self.shared.lock().stopped = true;
            self.shared.work.notify_all();
            self.shared.room.notify_all();
            self.shared.result.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    fn limits(threads: usize) -> PipelineLimits {
        PipelineLimits::new(NonZeroUsize::new(threads).unwrap())
    }

    fn numbers(n: u64) -> impl Iterator<Item = Result<u64, String>> + Send {
        (0..n).map(Ok)
    }

    #[test]
    fn order_is_kept_whatever_the_threads_do() {
        for threads in [1, 2, 8] {
            let mut out = Vec::new();
            let work = |batch: Vec<u64>| {
                if batch[0].is_multiple_of(97) {
                    std::thread::sleep(Duration::from_micros(300));
                }
                batch
            };
            let sink = |batch: Vec<u64>| {
                out.extend(batch);
                Ok(())
            };
            run(&limits(threads), numbers(20_000), |_| 100, work, sink).unwrap();
            assert!(out.iter().copied().eq(0..20_000), "{threads} threads");
        }
        run(&limits(2), numbers(0), |_| 1, |b| b, |_| panic!("no batch of nothing")).unwrap();
    }

    #[test]
    fn a_slow_item_holds_back_the_rest() {
        let limits = limits(4);
        let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |batch: Vec<u64>| {
            if batch[0] == 0 {
                std::thread::sleep(Duration::from_millis(100));
            }
            most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            batch.len()
        };
        let mut total = 0;
        let sink = |n| {
            under_way.fetch_sub(1, Ordering::SeqCst);
            total += n;
            Ok(())
        };
        run(&limits, numbers(50_000), |_| 1, work, sink).unwrap();
        assert_eq!(total, 50_000);
        // One more is with the sink, which counts down only when it has it.
        assert!(most.into_inner() <= limits.window * 4 + 1);
    }

    #[test]
    fn what_waits_is_bounded_by_bytes() {
        let (read, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let source = numbers(200).inspect(|_| {
            read.fetch_add(1, Ordering::SeqCst);
        });
        let work = |batch: Vec<u64>| {
            let ahead = read.load(Ordering::SeqCst) - done.load(Ordering::SeqCst);
            done.fetch_add(batch.len(), Ordering::SeqCst);
            (batch.len(), ahead)
        };
        let sink = |(items, ahead)| {
            assert_eq!(items, 1, "each is more than a batch takes");
            assert!(ahead <= 2 + 2 + 1, "{ahead}: two wait, two are worked on, one is being read");
            Ok(())
        };
        run(&limits(2), source, |_| 2 << 20, work, sink).unwrap();
    }

    #[test]
    fn items_are_not_kept_waiting_for_a_batch() {
        let (send, receive) = mpsc::channel::<u64>();
        let (answer, answers) = mpsc::channel();
        let asking = std::thread::spawn(move || {
            for i in 0..50 {
                send.send(i).unwrap();
                assert_eq!(answers.recv_timeout(Duration::from_secs(20)), Ok(vec![i]));
            }
        });
        let sink = |batch| answer.send(batch).map_err(|e| e.to_string());
        run(&limits(2), receive.into_iter().map(Ok), |_| 1, |b| b, sink).unwrap();
        asking.join().unwrap();
    }

    #[test]
    fn errors_of_the_source_come_after_what_was_read() {
        let mut seen = 0;
        let source = numbers(1_000).chain([Err("broken off".to_owned())]).chain(numbers(5));
        let sink = |n: usize| {
            seen += n;
            Ok(())
        };
        assert_eq!(run(&limits(3), source, |_| 1, |b| b.len(), sink), Err("broken off".to_owned()));
        assert_eq!(seen, 1_000);
    }

    #[test]
    fn errors_of_the_sink_end_the_run() {
        let endless = (0..).map(Ok::<u64, String>);
        let mut batches = 0;
        let sink = |_| {
            batches += 1;
            if batches == 3 { Err("no more room".to_owned()) } else { Ok(()) }
        };
        assert_eq!(run(&limits(2), endless, |_| 10, |b| b, sink), Err("no more room".to_owned()));
        assert_eq!(batches, 3);
    }

    #[test]
    fn panics_do_not_hang() {
        let work = |batch: Vec<u64>| assert!(!batch.contains(&77));
        let result =
            std::panic::catch_unwind(|| run(&limits(2), (0..).map(Ok::<u64, String>), |_| 1, work, |()| Ok(())));
        assert!(result.is_err());
    }
}
