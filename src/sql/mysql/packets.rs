//! Messages in packets: three bytes of length, one that counts, and what is longer than 16 MiB in several.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::trouble::Trouble;
use crate::sql::dial::Stream;

/// A packet of this length is followed by another one of the same message.
const LONGEST_PACKET: usize = 0xff_ffff;
const HEADER: usize = 4;
const ERROR: u8 = 0xff;

/// Both directions of a connection, message by message.
pub(super) struct Packets {
    stream: BufReader<Box<dyn Stream>>,
    /// Of the next packet, in whichever direction it goes.
    sequence: u8,
}

impl Packets {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream: BufReader::new(stream), sequence: 0 }
    }

    /// The stream itself, to make it secure. What came before that is not to be believed, so there must be nothing.
    pub(super) fn into_stream(self) -> Result<(Box<dyn Stream>, u8), Trouble> {
        if !self.stream.buffer().is_empty() {
            return Err(Trouble::nonsense("it sent something before TLS began"));
        }
        Ok((self.stream.into_inner(), self.sequence))
    }

    /// Goes on with a stream that was made secure.
    pub(super) fn resume(stream: Box<dyn Stream>, sequence: u8) -> Self {
        Self { stream: BufReader::new(stream), sequence }
    }

    /// The next message belongs to a new command.
    pub(super) fn begin(&mut self) {
        self.sequence = 0;
    }

    pub(super) async fn send(&mut self, message: &[u8]) -> Result<(), Trouble> {
        let packets = packed(message, &mut self.sequence);
        self.stream.write_all(&packets).await?;
        self.stream.flush().await?;
        Ok(())
    }

    /// A message of at most `longest` bytes.
    pub(super) async fn receive(&mut self, longest: usize) -> Result<Vec<u8>, Trouble> {
        let (message, length) = self.next(longest, longest).await?;
        if length > longest {
            return Err(Trouble::nonsense(format!("it sent a message of more than {longest} bytes")));
        }
        Ok(message)
    }

    /// The first `kept` bytes of a message of any length, and its length.
    pub(super) async fn receive_start(&mut self, kept: usize) -> Result<(Vec<u8>, usize), Trouble> {
        self.next(kept, usize::MAX).await
    }

    /// Stops reading when the message is longer than `longest`.
    async fn next(&mut self, kept: usize, longest: usize) -> Result<(Vec<u8>, usize), Trouble> {
        let mut message = Vec::new();
        let mut whole = 0_usize;
        loop {
            let mut header = [0; HEADER];
            self.stream.read_exact(&mut header).await?;
            let [a, b, c, sequence] = header;
            let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
            whole = whole.saturating_add(length);
            if whole > longest {
                return Ok((message, whole));
            }
            self.read_packet(&mut message, length, kept).await?;
            // A server that ends a connection says so whenever it likes.
            if sequence != self.sequence && message.first() != Some(&ERROR) {
                return Err(Trouble::nonsense("its packets are not in order"));
            }
            self.sequence = sequence.wrapping_add(1);
            if length < LONGEST_PACKET {
                return Ok((message, whole));
            }
        }
    }

    /// Memory is taken for what has come, never for what is announced.
    async fn read_packet(&mut self, message: &mut Vec<u8>, length: usize, kept: usize) -> io::Result<()> {
        let wanted = length.min(kept.saturating_sub(message.len()));
        let before = message.len();
        (&mut self.stream).take(wanted as u64).read_to_end(message).await?;
        if message.len() - before < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut left = length - wanted;
        while left > 0 {
            let count = self.stream.fill_buf().await?.len().min(left);
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.stream.consume(count);
            left -= count;
        }
        Ok(())
    }
}

/// A message as it goes over the wire. One whose length is a multiple of the longest packet's ends in an empty packet.
fn packed(message: &[u8], sequence: &mut u8) -> Vec<u8> {
    let mut packets = Vec::with_capacity(message.len() + HEADER * (message.len() / LONGEST_PACKET + 1));
    let mut rest = message;
    loop {
        let (packet, after) = rest.split_at(rest.len().min(LONGEST_PACKET));
        let [a, b, c, ..] = packet.len().to_le_bytes();
        packets.extend([a, b, c, *sequence]);
        packets.extend(packet);
        *sequence = sequence.wrapping_add(1);
        if packet.len() < LONGEST_PACKET {
            return packets;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::super::trouble::Trouble;
    use super::{LONGEST_PACKET, Packets, packed};

    /// What is made of bytes by a server that then closes the connection.
    fn given<T>(bytes: Vec<u8>, read: impl AsyncFnOnce(Packets) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
            let sent = tokio::spawn(async move {
                let _ = theirs.write_all(&bytes).await;
            });
            let result = read(Packets::new(Box::new(ours))).await;
            sent.abort();
            result
        })
    }

    #[test]
    fn messages_of_every_length_come_back() {
        for length in [0, 1, 250, 70_000, LONGEST_PACKET - 1, LONGEST_PACKET, LONGEST_PACKET + 1, 2 * LONGEST_PACKET] {
            let message = vec![b'x'; length];
            let mut sequence = 0;
            let packets = packed(&message, &mut sequence);
            let count = length / LONGEST_PACKET + 1;
            assert_eq!((packets.len(), usize::from(sequence)), (length + 4 * count, count), "{length}");
            let read = given(packets.clone(), async |mut packets| packets.receive(length).await.unwrap());
            assert!(read == message, "{length}");
            if length > 0 {
                let refused = given(packets.clone(), async |mut packets| packets.receive(length - 1).await);
                assert!(matches!(refused, Err(Trouble::Nonsense(cause)) if cause.contains("more than")), "{length}");
            }
            let start = given(packets, async |mut packets| packets.receive_start(3).await.unwrap());
            assert_eq!((start.0, start.1), (vec![b'x'; length.min(3)], length));
        }
    }

    #[test]
    fn what_is_cut_off_or_out_of_order_is_refused() {
        for (bytes, wanted) in [
            (&b""[..], "eof"),
            (b"\x05\x00", "eof"),
            (b"\x05\x00\x00\x00abc", "eof"),
            (b"\xff\xff\xff\x00abc", "eof"),
            (b"\x01\x00\x00\x07a", "its packets are not in order"),
            // An error may come at any time.
            (b"\x01\x00\x00\x07\xff", "1"),
            (b"\x00\x00\x00\x00", "0"),
        ] {
            for start in [false, true] {
                let found = given(bytes.to_vec(), async |mut packets| {
                    let read = if start {
                        packets.receive_start(2).await.map(|(_, length)| length)
                    } else {
                        packets.receive(LONGEST_PACKET).await.map(|message| message.len())
                    };
                    match read {
                        Ok(length) => length.to_string(),
                        Err(Trouble::Broken(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                            "eof".to_owned()
                        }
                        Err(Trouble::Nonsense(cause)) => cause,
                        Err(other) => format!("{other:?}"),
                    }
                });
                assert_eq!(found, wanted, "{bytes:x?}");
            }
        }
    }

    #[test]
    fn nothing_is_believed_that_came_before_tls() {
        let taken = given(b"\x01\x00\x00\x00a\x01\x00\x00\x01b".to_vec(), async |mut packets| {
            packets.receive(10).await.unwrap();
            packets.into_stream().map(drop)
        });
        assert!(matches!(taken, Err(Trouble::Nonsense(_))));
    }
}
