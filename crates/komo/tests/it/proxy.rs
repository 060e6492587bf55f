//! A line that can be made bad: a TCP proxy between the product and whoever it talks to (Braze, PostgreSQL, a participant).
//! Promises that a trouble counts from the next bytes on, and that what is held back is passed on when it is let go.
//! Leaves the meaning of the bytes to both ends; only the loss of an answer looks for one text in them.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use store::testing::{Listens, TestDatabase};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// Who is behind the proxy.
#[derive(Clone)]
enum Behind {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From who has connected.
    There,
    /// From who is behind the proxy.
    Back,
}

/// How the line is at the moment, for all connections. The default is a good one.
#[derive(Clone, Default)]
pub(crate) struct Line {
    /// Every piece takes a random time out of this range of milliseconds, each way for itself.
    pub(crate) delay_ms: Option<(u64, u64)>,
    /// One byte at a time this way, with a pause between two of them.
    pub(crate) trickle: Option<(Way, Duration)>,
    /// The connection is cut when so many bytes have passed this way.
    pub(crate) cut_after: Option<(Way, usize)>,
    /// Of the requests that hold this text every n-th is passed on and carried out, but its answer is lost and the connection cut.
    pub(crate) lose_answer: Option<(&'static [u8], u64)>,
}

/// One connection through the proxy.
pub(crate) struct Tap {
    /// Whether bytes pass, there and back.
    open: [watch::Sender<bool>; 2],
    ended: watch::Receiver<bool>,
}

impl Tap {
    /// Holds back what goes this way from now on.
    pub(crate) fn clog(&self, way: Way) {
        self.open[way as usize].send_replace(false);
    }

    /// Lets everything pass again, what was held back first.
    pub(crate) fn free(&self) {
        self.open.iter().for_each(|open| {
            open.send_replace(true);
        });
    }
}

struct Shared {
    behind: Behind,
    line: Mutex<Line>,
    taps: Mutex<Vec<Arc<Tap>>>,
    dice: Mutex<StdRng>,
    /// Requests seen that hold the text of [`Line::lose_answer`].
    matching: AtomicU64,
    cuts: AtomicU64,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// The connection is to be cut.
struct Cut;

/// A proxy on a port of its own, which ends with this value.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Proxy {
    /// In front of an address. The seed decides the random times.
    pub(crate) async fn before(address: SocketAddr, seed: u64) -> Self {
        Self::start(Behind::Tcp(address), seed).await
    }

    /// In front of a test's PostgreSQL; also the database's address through the proxy.
    pub(crate) async fn before_database(database: &TestDatabase, seed: u64) -> (Self, String) {
        let behind = match database.listens() {
            Listens::Tcp(address) => Behind::Tcp(address),
            Listens::Socket(path) => Behind::Unix(path),
        };
        let proxy = Self::start(behind, seed).await;
        let url = database.url_through(proxy.address);
        (proxy, url)
    }

    async fn start(behind: Behind, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            behind,
            line: Mutex::default(),
            taps: Mutex::default(),
            dice: Mutex::new(StdRng::seed_from_u64(seed)),
            matching: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
        });
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                // Dropped with the proxy, and every connection with it.
                let mut connections = JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    while connections.try_join_next().is_some() {}
                    connections.spawn(connection(Arc::clone(&shared), stream));
                }
            }
        });
        Self {
            address,
            shared,
            accepting,
        }
    }

    /// Makes the line so, from the next bytes on.
    pub(crate) fn set(&self, line: Line) {
        *held(&self.shared.line) = line;
    }

    /// How many connections it has cut.
    pub(crate) fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }

    /// The connections that stand, oldest first.
    pub(crate) fn taps(&self) -> Vec<Arc<Tap>> {
        let mut taps = held(&self.shared.taps);
        taps.retain(|tap| !*tap.ended.borrow());
        taps.clone()
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connection(shared: Arc<Shared>, stream: TcpStream) {
    drop(stream.set_nodelay(true));
    let behind: Box<dyn Stream> = match &shared.behind {
        Behind::Tcp(address) => match TcpStream::connect(address).await {
            Ok(stream) => {
                drop(stream.set_nodelay(true));
                Box::new(stream)
            }
            Err(_) => return,
        },
        Behind::Unix(path) => match UnixStream::connect(path).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
    };
    let (end, ended) = watch::channel(false);
    let open = [watch::channel(true), watch::channel(true)];
    let [there, back] = &open;
    let (may_go, may_come) = (there.1.clone(), back.1.clone());
    let tap = Arc::new(Tap {
        open: open.map(|(sender, _)| sender),
        ended,
    });
    held(&shared.taps).push(tap);
    let (from_client, to_client) = tokio::io::split(stream);
    let (from_server, to_server) = tokio::io::split(behind);
    let doomed = watch::channel(false);
    let both = tokio::try_join!(
        pump(
            &shared,
            Way::There,
            from_client,
            to_server,
            may_go,
            &doomed.0
        ),
        pump(
            &shared,
            Way::Back,
            from_server,
            to_client,
            may_come,
            &doomed.0
        ),
    );
    if both.is_err() {
        shared.cuts.fetch_add(1, Ordering::Relaxed);
    }
    end.send_replace(true);
}

async fn pump(
    shared: &Shared,
    way: Way,
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut open: watch::Receiver<bool>,
    answer_is_lost: &watch::Sender<bool>,
) -> Result<(), Cut> {
    let (mut piece, mut passed, mut before) = (vec![0; 16 * 1024], 0, Vec::new());
    loop {
        let Ok(read @ 1..) = from.read(&mut piece).await else {
            // One end has closed: the other may still have something to say.
            drop(to.shutdown().await);
            return Ok(());
        };
        let bytes = &piece[..read];
        // Who held the sender of this is gone only together with the connection.
        drop(open.wait_for(|open| *open).await);
        let line = held(&shared.line).clone();
        if let Some(range) = line.delay_ms {
            let wait = held(&shared.dice).random_range(range.0..=range.1);
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        if way == Way::Back && *answer_is_lost.borrow() {
            return Err(Cut);
        }
        if let (Way::There, Some((text, every))) = (way, line.lose_answer) {
            before.extend_from_slice(bytes);
            let hit = before.windows(text.len()).any(|part| part == text);
            let keep = if hit { 0 } else { text.len() - 1 };
            before.drain(..before.len().saturating_sub(keep));
            if hit && shared.matching.fetch_add(1, Ordering::Relaxed) % every == every - 1 {
                answer_is_lost.send_replace(true);
            }
        }
        let room = match line.cut_after {
            Some((cut, most)) if cut == way => most.saturating_sub(passed),
            _ => usize::MAX,
        };
        let bytes = &bytes[..read.min(room)];
        let written = match line.trickle {
            Some((slow, pause)) if slow == way => trickle(&mut to, bytes, pause).await,
            _ => to.write_all(bytes).await,
        };
        passed += bytes.len();
        if written.is_err() || bytes.len() < read {
            return Err(Cut);
        }
    }
}

async fn trickle(
    to: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    pause: Duration,
) -> std::io::Result<()> {
    for byte in bytes {
        to.write_all(std::slice::from_ref(byte)).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}
