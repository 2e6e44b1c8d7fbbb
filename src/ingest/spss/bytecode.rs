//! Unpacks bytecode: blocks of eight command bytes, each of which stands for
//! one element of a case or announces eight bytes as they are.

use super::stream::ByteOrder;

const PADDING: u8 = 0;
const END_OF_DATA: u8 = 252;
const LITERAL: u8 = 253;
const BLANKS: u8 = 254;
const SYSTEM_MISSING: u8 = 255;

/// The state between two calls of [`Bytecode::unpack`].
pub(super) struct Bytecode {
    /// What each command stands for, where it is an element.
    elements: Box<[[u8; 8]; 256]>,
    commands: [u8; 8],
    /// The next command; 8 where a new block is to be read.
    next: usize,
}

/// Why unpacking stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// As many bytes as were wanted are there.
    Full,
    /// More packed bytes are needed.
    Starved,
    /// The command that ends the data.
    AtEnd,
}

impl Bytecode {
    pub(super) fn new(bias: f64, order: ByteOrder) -> Self {
        let mut elements = Box::new([[0; 8]; 256]);
        for (code, element) in elements.iter_mut().enumerate() {
            *element = match u8::try_from(code) {
                Ok(BLANKS) => [b' '; 8],
                Ok(SYSTEM_MISSING) => order.bytes_of_f64(-f64::MAX),
                _ => order.bytes_of_f64(code as f64 - bias),
            };
        }
        Bytecode { elements, commands: [0; 8], next: 8 }
    }

    /// Unpacks until `into` has `wanted` bytes; says how many packed bytes were
    /// used. `wanted` and what is in `into` are multiples of eight.
    pub(super) fn unpack(
        &mut self,
        packed: &[u8],
        into: &mut Vec<u8>,
        wanted: usize,
    ) -> (usize, Stopped) {
        let mut rest = packed;
        let stopped = loop {
            if into.len() >= wanted {
                break Stopped::Full;
            }
            let Some(command) = self.commands.get(self.next) else {
                let Some((commands, behind)) = rest.split_first_chunk() else {
                    break Stopped::Starved;
                };
                (self.commands, self.next, rest) = (*commands, 0, behind);
                continue;
            };
            match *command {
                PADDING => {}
                END_OF_DATA => break Stopped::AtEnd,
                LITERAL => {
                    let Some((literal, behind)) = rest.split_first_chunk::<8>() else {
                        break Stopped::Starved;
                    };
                    into.extend_from_slice(literal);
                    rest = behind;
                }
                code => {
                    into.extend_from_slice(self.elements.get(usize::from(code)).unwrap_or(&[0; 8]))
                }
            }
            self.next += 1;
        };
        (packed.len() - rest.len(), stopped)
    }

    /// Says whether all commands that were read are carried out, so that the data
    /// may end here.
    pub(super) fn is_between_blocks(&self) -> bool {
        self.next == self.commands.len()
    }
}
