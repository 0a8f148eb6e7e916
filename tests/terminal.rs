//! The program in a pseudo-terminal: keys go in, and what a person would see comes out.
//!
//! `portable-pty` makes the terminal (it can be resized, which the expect-like crates cannot), and `vt100` draws what the
//! program writes to it, so that tests look at the screen instead of at escape sequences.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::util::BINARY;

/// A wait that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(240);

pub struct Terminal {
    parser: Arc<Mutex<vt100::Parser>>,
    writer: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
}

fn side(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("a terminal has room")
}

impl Terminal {
    pub fn start(args: &[&str], columns: u16, lines: u16) -> Terminal {
        Terminal::start_in(&std::env::temp_dir(), args, columns, lines)
    }

    /// Starts the program in a directory.
    pub fn start_in(dir: &Path, args: &[&str], columns: u16, lines: u16) -> Terminal {
        let size = PtySize { rows: lines, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(BINARY);
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env("NO_COLOR", "1");
        command.cwd(dir);
        let child = pair.slave.spawn_command(command).expect("the program runs");
        drop(pair.slave);
        let parser = Arc::new(Mutex::new(vt100::Parser::new(side(lines), side(columns), 0)));
        let mut reader = pair.master.try_clone_reader().expect("output is read");
        let drawn = parser.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                drawn.lock().expect("no panic while drawing").process(&bytes[..n]);
            }
        });
        let writer = pair.master.take_writer().expect("keys are sent");
        Terminal { parser, writer, master: pair.master, child }
    }

    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).and_then(|()| self.writer.flush()).expect("keys are sent");
    }

    pub fn screen(&self) -> String {
        self.parser.lock().expect("no panic while drawing").screen().contents()
    }

    pub fn resize(&self, columns: u16, lines: u16) {
        self.parser.lock().expect("no panic while drawing").set_size(side(lines), side(columns));
        let size = PtySize { rows: lines, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("a pseudo-terminal");
    }

    /// Waits until the screen is as wanted, and gives it.
    #[track_caller]
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(started.elapsed() < PATIENCE, "{what:?} did not come:\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    pub fn wait_for(&self, words: &str) -> String {
        self.wait(words, |screen| screen.contains(words))
    }

    /// Waits for the end of the program, and gives its exit code.
    pub fn code(&mut self) -> u32 {
        self.child.wait().expect("the program ends").exit_code()
    }

    /// Ends the program as a power cut would: it cannot do anything about it.
    #[cfg(unix)]
    pub fn kill(&mut self) {
        let id = self.child.process_id().expect("it runs").to_string();
        assert!(std::process::Command::new("kill").args(["-9", &id]).status().expect("kill runs").success());
        self.child.wait().expect("the program has ended");
    }
}
