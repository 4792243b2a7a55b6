//! `hiveboard top`: the board in a terminal. The Hive with those first that need somebody, tasks, one task's story, what happens now.
//!
//! One thread draws and decides ([`state`] is pure); one reads keys, one asks the server, one follows its stream.

mod ansi;
mod draw;
mod state;
mod watch;

use std::{
    io::IsTerminal as _,
    sync::mpsc,
    time::{Duration, Instant},
};

use hiveboard_wire::Timestamp;
use ratatui::crossterm::event::{self, Event as TerminalEvent, KeyEventKind};

use self::{
    state::{Place, Step, Top},
    watch::News,
};
use super::ask::{NarrowArgs, ServerArgs};
use crate::remote::Fault;

#[derive(clap::Args)]
#[command(
    after_help = "Keys are the board's: ↑ ↓ between agents, j k between tasks, Enter opens, Esc goes back, ? lists them, q ends."
)]
pub(super) struct TopArgs {
    #[command(flatten)]
    narrow: NarrowArgs,
    #[command(flatten)]
    server: ServerArgs,
}

/// Ages tick.
const TICK: Duration = Duration::from_secs(1);
/// However much happens: it is not drawn more often.
const LEAST_BETWEEN: Duration = Duration::from_millis(50);

/// Messages that wait to be drawn; who brings more waits as well.
const WAITING: usize = 256;

/// What the drawing thread hears.
enum Message {
    Input(TerminalEvent),
    News(News),
    /// It cannot go on.
    Ended(anyhow::Error),
}

pub(super) fn run(args: TopArgs) -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Fault::Usage(
            "top wants a terminal; `hiveboard agents` and `hiveboard tail` do without one".to_owned(),
        )
        .into());
    }
    let client = args.server.client()?;
    // Before the screen is taken: what is wrong is said where it stays.
    let first = watch::look(&client, &args.narrow, &Place::default())?;
    let mut top = Top::new(client.target().url.clone(), first);
    let (send, messages) = mpsc::sync_channel(WAITING);
    let wanted = watch::start(&client, &args.narrow, &send);
    let mut terminal = ratatui::try_init()?;
    read_keys(send);
    let ended = serve(&mut terminal, &mut top, &messages, &wanted);
    ratatui::restore();
    ended
}

fn read_keys(send: mpsc::SyncSender<Message>) {
    std::thread::spawn(move || {
        loop {
            let message = match event::read() {
                Ok(event) => Message::Input(event),
                Err(error) => Message::Ended(error.into()),
            };
            let is_over = matches!(message, Message::Ended(_));
            if send.send(message).is_err() || is_over {
                return;
            }
        }
    });
}

fn serve(
    terminal: &mut ratatui::DefaultTerminal,
    top: &mut Top,
    messages: &mpsc::Receiver<Message>,
    wanted: &watch::Wanted,
) -> anyhow::Result<()> {
    loop {
        terminal.draw(|frame| draw::draw(frame, top, Timestamp::now()))?;
        let drawn = Instant::now();
        let mut message = messages.recv_timeout(TICK).ok();
        // What comes together is drawn together.
        while let Some(heard) = message {
            match heard {
                Message::Input(TerminalEvent::Key(key)) if key.kind != KeyEventKind::Release => {
                    match top.press(key.code, key.modifiers) {
                        Step::End => return Ok(()),
                        Step::Look => wanted.look_at(top.place()),
                        Step::Stay => {}
                    }
                    // Keys are answered at once.
                    break;
                }
                Message::Input(_) => break,
                Message::News(news) => top.take(news),
                Message::Ended(error) => return Err(error),
            }
            let left = LEAST_BETWEEN.saturating_sub(drawn.elapsed());
            message = messages.recv_timeout(left).ok();
        }
    }
}
