//! Reading messages. Any bytes are an error or a batch, never a panic.

use std::{borrow::Cow, sync::Arc};

use hiveboard_store::{Batch, Incoming, Position};
use hiveboard_wire::{
    CallCost, CostSource, Envelope, Event, EventId, EventType, Kind, NanoDollars, Scope, Severity, Source, Timestamp,
};
use serde_json::value::RawValue;

use super::{COMPRESSED, MessageError, PLAIN, VERSION, mark};
use crate::place::EVENTS_A_MESSAGE;

/// More than any batch takes; a length above it is no length.
const MOST_BYTES: u64 = 64 << 20;

type Result<T> = std::result::Result<T, MessageError>;

/// The batch of a message; `position` is the place of its first event.
pub fn decode(message: &[u8], position: Option<Position>) -> Result<Batch> {
    let [version, packing, rest @ ..] = message else { return Err(MessageError::Damaged("it has no head")) };
    if *version != VERSION {
        let version = *version;
        return Err(if version == 0 {
            MessageError::Damaged("its version is 0")
        } else {
            MessageError::Newer { version }
        });
    }
    let body = match *packing {
        PLAIN => Cow::Borrowed(rest),
        COMPRESSED => Cow::Owned(decompress(rest)?),
        _ => return Err(MessageError::Damaged("it is packed in no known way")),
    };
    let mut reader = Reader { rest: &body, texts: Vec::new() };
    let batch = reader.batch(position)?;
    if reader.rest.is_empty() { Ok(batch) } else { Err(MessageError::Damaged("something follows its end")) }
}

fn decompress(rest: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Reader { rest, texts: Vec::new() };
    let length = reader.number()?;
    if length > MOST_BYTES {
        return Err(MessageError::Damaged("it is longer than any"));
    }
    let body = zstd::bulk::decompress(reader.rest, length as usize)
        .map_err(|_| MessageError::Damaged("it cannot be decompressed"))?;
    if body.len() as u64 == length { Ok(body) } else { Err(MessageError::Damaged("it is shorter than it says")) }
}

struct Reader<'a> {
    rest: &'a [u8],
    texts: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or(MessageError::Damaged("it ends early"))?;
        self.rest = tail;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    fn number(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        for place in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(MessageError::Damaged("a number is longer than any"))
    }

    fn signed(&mut self) -> Result<i64> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn sized(&mut self) -> Result<&'a str> {
        let size = usize::try_from(self.number()?).map_err(|_| MessageError::Damaged("a text is longer than any"))?;
        std::str::from_utf8(self.bytes(size)?).map_err(|_| MessageError::Damaged("a text is not UTF-8"))
    }

    fn text(&mut self) -> Result<Option<Box<str>>> {
        let number = self.number()?;
        let Some(place) = number.checked_sub(1) else { return Ok(None) };
        if place == self.texts.len() as u64 {
            let text = self.sized()?;
            self.texts.push(text);
        }
        let text = usize::try_from(place).ok().and_then(|place| self.texts.get(place));
        text.map(|text| Some(Box::from(*text))).ok_or(MessageError::Damaged("a text is missing"))
    }

    fn required(&mut self) -> Result<Box<str>> {
        self.text()?.ok_or(MessageError::Damaged("the envelope lacks something"))
    }

    fn batch(&mut self, position: Option<Position>) -> Result<Batch> {
        let scope = u32::try_from(self.number()?).map_err(|_| MessageError::Damaged("there is no such scope"))?;
        let received_at = Timestamp(self.signed()?);
        let source = Source::from_number(self.byte()?).ok_or(MessageError::Damaged("its source is none"))?;
        let envelope = Envelope {
            agent_id: self.required()?,
            agent_type: self.required()?,
            agent_version: self.text()?,
            framework: self.required()?,
            runtime: self.text()?,
            sdk_version: self.text()?,
            instance_id: self.text()?,
            environment: self.required()?,
            group: self.required()?,
            source,
        };
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > EVENTS_A_MESSAGE {
            return Err(MessageError::Damaged("it holds more events than any"));
        }
        let mut events = Vec::with_capacity(count);
        let mut previous = received_at.0;
        for _ in 0..count {
            let incoming = self.event(previous)?;
            previous = incoming.event.timestamp.0;
            events.push(incoming);
        }
        Ok(Batch { scope: Scope::from_number(scope), envelope: Arc::new(envelope), received_at, position, events })
    }

    fn event(&mut self, previous: i64) -> Result<Incoming> {
        let event_type = EventType::from_number(self.byte()?).ok_or(MessageError::Damaged("a type is none"))?;
        let mark = self.byte()?;
        let has = |bit: u8| mark & bit != 0;
        if has(mark::UNKNOWN) {
            return Err(MessageError::Damaged("an event has what is unknown"));
        }
        let severity =
            Severity::from_number(mark & mark::SEVERITY).ok_or(MessageError::Damaged("a severity is none"))?;
        let kind = if has(mark::KIND) {
            Some(Kind::from_number(self.byte()?).ok_or(MessageError::Damaged("a kind is none"))?)
        } else {
            None
        };
        let timestamp = Timestamp(previous.wrapping_add(self.signed()?));
        let event_id = if has(mark::TEXT_ID) {
            EventId::new(self.sized()?)
        } else {
            EventId::from_uuid(self.bytes(16)?.try_into().expect("as many bytes as were asked for"))
        };
        let mut event = Event {
            event_id,
            timestamp,
            event_type,
            severity,
            project_id: self.text()?,
            task_id: self.text()?,
            task_type: self.text()?,
            task_run_id: self.text()?,
            correlation_id: self.text()?,
            action_id: self.text()?,
            parent_action_id: self.text()?,
            parent_event_id: self.text()?,
            status: self.text()?,
            duration_ms: None,
            payload: None,
            kind,
        };
        if has(mark::DURATION) {
            let bytes = self.bytes(8)?.try_into().expect("as many bytes as were asked for");
            event.duration_ms = Some(f64::from_le_bytes(bytes));
        }
        let call_cost = if has(mark::COST) { Some(self.cost()?) } else { None };
        if has(mark::PAYLOAD) {
            let payload = RawValue::from_string(self.sized()?.to_owned());
            event.payload = Some(payload.map_err(|_| MessageError::Damaged("a payload is not JSON"))?);
        }
        let body = event.body();
        Ok(Incoming { event, body, call_cost })
    }

    fn cost(&mut self) -> Result<CallCost> {
        let source = match self.byte()? {
            0 => CostSource::Reported,
            1 => CostSource::Estimated,
            2 => CostSource::Unknown,
            _ => return Err(MessageError::Damaged("the source of a cost is none")),
        };
        Ok(CallCost { amount: NanoDollars(self.signed()?), source })
    }
}
