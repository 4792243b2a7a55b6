//! Reading blocks: first the columns, so that filters look at events without building them, then single events.

use std::sync::Arc;

use hiveboard_wire::{
    CallCost, CostSource, Envelope, Event, EventId, EventType, Kind, NanoDollars, Severity, Source, StoredEvent,
    Timestamp,
};
use serde_json::value::RawValue;

use super::{
    super::varint::{Broken, Cursor},
    ENVELOPE_TEXTS, HUNDREDTHS, LABELS, Label, VERSION, WITHOUT_SOURCE, mark,
};

type Read<T> = Result<T, Broken>;

/// A block that was decompressed.
pub(in crate::sqlite) struct BlockView<'a> {
    version: u8,
    rest: Cursor<'a>,
}

impl<'a> BlockView<'a> {
    pub(in crate::sqlite) fn new(raw: &'a [u8]) -> Read<Self> {
        let mut rest = Cursor(raw);
        let version = rest.byte()?;
        if !matches!(version, WITHOUT_SOURCE | VERSION) {
            return Err(Broken);
        }
        Ok(Self { version, rest })
    }

    /// All segments, in order.
    pub(in crate::sqlite) fn segments(mut self) -> Read<Vec<SegmentView<'a>>> {
        let mut segments = Vec::new();
        while !self.rest.0.is_empty() {
            let length = self.rest.size()?;
            segments.push(SegmentView::read(Cursor(self.rest.bytes(length)?), self.version)?);
        }
        Ok(segments)
    }
}

/// The columns of one batch.
pub(in crate::sqlite) struct SegmentView<'a> {
    first_seq: u64,
    received_at: Timestamp,
    source: Source,
    texts: Vec<&'a str>,
    envelope: [u64; ENVELOPE_TEXTS],
    types: &'a [u8],
    marks: &'a [u8],
    timestamps: Vec<i64>,
    labels: [LabelColumn; LABELS],
    ids: Vec<&'a [u8]>,
    durations: Vec<Option<f64>>,
    costs: Vec<Option<CallCost>>,
    payloads: Vec<&'a [u8]>,
    shared: std::cell::OnceCell<Arc<Envelope>>,
}

enum LabelColumn {
    Absent,
    Same(u64),
    Each(Vec<u64>),
}

impl LabelColumn {
    fn read(cursor: &mut Cursor<'_>, count: usize, most: u64) -> Read<Self> {
        let checked = |reference: u64| if reference <= most { Ok(reference) } else { Err(Broken) };
        match cursor.byte()? {
            0 => Ok(Self::Absent),
            1 => Ok(Self::Same(checked(cursor.number()?)?)),
            2 => (0..count).map(|_| checked(cursor.number()?)).collect::<Read<_>>().map(Self::Each),
            _ => Err(Broken),
        }
    }

    fn reference(&self, index: usize) -> u64 {
        match self {
            Self::Absent => 0,
            Self::Same(reference) => *reference,
            Self::Each(references) => references[index],
        }
    }
}

impl<'a> SegmentView<'a> {
    fn read(mut cursor: Cursor<'a>, version: u8) -> Read<Self> {
        let first_seq = cursor.number()?;
        let received_at = cursor.signed()?;
        let told = match version {
            WITHOUT_SOURCE => None,
            _ => Some(Source::from_number(cursor.byte()?).ok_or(Broken)?),
        };
        let count = cursor.size()?;
        if count == 0 || count > cursor.0.len() || first_seq.checked_add(count as u64).is_none() {
            return Err(Broken);
        }
        let texts = read_texts(&mut cursor)?;
        let most = texts.len() as u64;
        let mut envelope = [0; ENVELOPE_TEXTS];
        for reference in &mut envelope {
            *reference = cursor.number()?;
            if *reference > most {
                return Err(Broken);
            }
        }
        let types = cursor.bytes(count)?;
        let marks = cursor.bytes(count)?;
        if types.iter().any(|number| EventType::from_number(*number).is_none()) {
            return Err(Broken);
        }
        let mut timestamps = Vec::with_capacity(count);
        let mut at = received_at;
        for _ in 0..count {
            at = at.wrapping_add(cursor.signed()?);
            timestamps.push(at);
        }
        let mut labels = [const { LabelColumn::Absent }; LABELS];
        for label in &mut labels {
            *label = LabelColumn::read(&mut cursor, count, most)?;
        }
        let ids: Vec<&[u8]> = marks
            .iter()
            .map(|bits| {
                let length = if bits & mark::ID_IS_TEXT == 0 { 16 } else { cursor.size()? };
                cursor.bytes(length)
            })
            .collect::<Read<_>>()?;
        let source = told.unwrap_or_else(|| source_by_id(ids[0]));
        let durations = marks
            .iter()
            .map(|bits| {
                if bits & mark::HAS_DURATION == 0 {
                    return Ok(None);
                }
                let bytes = cursor.bytes(8)?.try_into().map_err(|_| Broken)?;
                Ok(Some(f64::from_le_bytes(bytes)))
            })
            .collect::<Read<_>>()?;
        let costs = marks
            .iter()
            .map(|bits| if kind(*bits) == Some(Kind::LlmCall) { read_cost(&mut cursor, version) } else { Ok(None) })
            .collect::<Read<_>>()?;
        let lengths: Vec<usize> = (0..count).map(|_| cursor.size()).collect::<Read<_>>()?;
        let payloads = lengths.into_iter().map(|length| cursor.bytes(length)).collect::<Read<_>>()?;
        Ok(Self {
            first_seq,
            received_at: Timestamp(received_at),
            source,
            texts,
            envelope,
            types,
            marks,
            timestamps,
            labels,
            ids,
            durations,
            costs,
            payloads,
            shared: std::cell::OnceCell::new(),
        })
    }

    pub(in crate::sqlite) fn len(&self) -> usize {
        self.types.len()
    }

    pub(in crate::sqlite) const fn first_seq(&self) -> u64 {
        self.first_seq
    }

    pub(in crate::sqlite) fn last_seq(&self) -> u64 {
        self.first_seq + self.len() as u64 - 1
    }

    pub(in crate::sqlite) fn event(&self, index: usize) -> EventView<'_, 'a> {
        EventView { segment: self, index }
    }

    pub(in crate::sqlite) fn agent_id(&self) -> &'a str {
        self.text(self.envelope[0]).unwrap_or("")
    }

    pub(in crate::sqlite) fn version(&self) -> Option<&'a str> {
        self.text(self.envelope[2])
    }

    pub(in crate::sqlite) fn environment(&self) -> &'a str {
        self.text(self.envelope[7]).unwrap_or("")
    }

    pub(in crate::sqlite) fn group(&self) -> &'a str {
        self.text(self.envelope[8]).unwrap_or("")
    }

    fn text(&self, reference: u64) -> Option<&'a str> {
        self.texts.get((reference as usize).checked_sub(1)?).copied()
    }

    fn shared_envelope(&self) -> Arc<Envelope> {
        let made = || {
            let [agent_id, agent_type, agent_version, framework, runtime, sdk_version, instance_id, environment, group] =
                self.envelope.map(|reference| self.text(reference).map(Box::<str>::from));
            Arc::new(Envelope {
                agent_id: agent_id.unwrap_or_default(),
                agent_type: agent_type.unwrap_or_default(),
                agent_version,
                framework: framework.unwrap_or_default(),
                runtime,
                sdk_version,
                instance_id,
                environment: environment.unwrap_or_default(),
                group: group.unwrap_or_default(),
                source: self.source,
            })
        };
        Arc::clone(self.shared.get_or_init(made))
    }
}

/// Of a segment that does not say it: the receiver of OpenTelemetry made ids of its own.
fn source_by_id(id: &[u8]) -> Source {
    if id.starts_with(b"otlp:") { Source::Otlp } else { Source::Ingest }
}

fn read_texts<'a>(cursor: &mut Cursor<'a>) -> Read<Vec<&'a str>> {
    let count = cursor.size()?;
    if count > cursor.0.len() {
        return Err(Broken);
    }
    let lengths: Vec<usize> = (0..count).map(|_| cursor.size()).collect::<Read<_>>()?;
    lengths.into_iter().map(|length| std::str::from_utf8(cursor.bytes(length)?).map_err(|_| Broken)).collect()
}

fn read_cost(cursor: &mut Cursor<'_>, version: u8) -> Read<Option<CallCost>> {
    let source = match cursor.byte()? {
        0 => return Ok(None),
        1 => CostSource::Reported,
        2 => CostSource::Estimated,
        3 => return Ok(Some(CallCost { amount: NanoDollars(0), source: CostSource::Unknown })),
        _ => return Err(Broken),
    };
    let amount = cursor.signed()?;
    let amount = if version == WITHOUT_SOURCE { amount.saturating_mul(HUNDREDTHS) } else { amount };
    Ok(Some(CallCost { amount: NanoDollars(amount), source }))
}

fn kind(bits: u8) -> Option<Kind> {
    Kind::from_number((bits >> mark::KIND_SHIFT & mark::KIND).checked_sub(1)?)
}

/// One event, read where it lies.
#[derive(Clone, Copy)]
pub(in crate::sqlite) struct EventView<'s, 'a> {
    segment: &'s SegmentView<'a>,
    index: usize,
}

impl<'a> EventView<'_, 'a> {
    pub(in crate::sqlite) fn seq(self) -> u64 {
        self.segment.first_seq + self.index as u64
    }

    pub(in crate::sqlite) fn timestamp(self) -> Timestamp {
        Timestamp(self.segment.timestamps[self.index])
    }

    pub(in crate::sqlite) fn event_type(self) -> EventType {
        EventType::from_number(self.segment.types[self.index]).expect("types were checked when the segment was read")
    }

    pub(in crate::sqlite) fn severity(self) -> Severity {
        Severity::from_number(self.segment.marks[self.index] & mark::SEVERITY)
            .expect("two bits hold the four severities")
    }

    pub(in crate::sqlite) fn kind(self) -> Option<Kind> {
        kind(self.segment.marks[self.index])
    }

    pub(in crate::sqlite) fn label(self, label: Label) -> Option<&'a str> {
        self.segment.text(self.segment.labels[label as usize].reference(self.index))
    }

    pub(in crate::sqlite) fn call_cost(self) -> Option<CallCost> {
        self.segment.costs[self.index]
    }

    /// Empty when there is none.
    pub(in crate::sqlite) fn payload(self) -> &'a [u8] {
        self.segment.payloads[self.index]
    }

    pub(in crate::sqlite) fn event_id(self) -> Read<EventId> {
        let bytes = self.segment.ids[self.index];
        if self.segment.marks[self.index] & mark::ID_IS_TEXT == 0 {
            return Ok(EventId::from_uuid(bytes.try_into().map_err(|_| Broken)?));
        }
        Ok(EventId::new(std::str::from_utf8(bytes).map_err(|_| Broken)?))
    }

    pub(in crate::sqlite) fn to_stored(self) -> Read<StoredEvent> {
        let owned = |label| self.label(label).map(Box::<str>::from);
        let payload = match self.payload() {
            [] => None,
            bytes => {
                let text = std::str::from_utf8(bytes).map_err(|_| Broken)?.to_owned();
                Some(RawValue::from_string(text).map_err(|_| Broken)?)
            }
        };
        Ok(StoredEvent {
            seq: self.seq(),
            received_at: self.segment.received_at,
            envelope: self.segment.shared_envelope(),
            event: Event {
                event_id: self.event_id()?,
                timestamp: self.timestamp(),
                event_type: self.event_type(),
                severity: self.severity(),
                project_id: owned(Label::Project),
                task_id: owned(Label::Task),
                task_type: owned(Label::TaskType),
                task_run_id: owned(Label::TaskRun),
                correlation_id: owned(Label::Correlation),
                action_id: owned(Label::Action),
                parent_action_id: owned(Label::ParentAction),
                parent_event_id: owned(Label::ParentEvent),
                status: owned(Label::Status),
                duration_ms: self.segment.durations[self.index],
                payload,
                kind: self.kind(),
            },
        })
    }
}
