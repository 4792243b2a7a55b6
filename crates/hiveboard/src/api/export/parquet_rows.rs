//! Rows as Parquet: a group of rows in memory at a time.

use std::{io, sync::Arc};

use hiveboard_wire::Timestamp;
use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};
use serde_json::Value;

use super::columns::{Column, Holds};

/// Rows held before they are written; and bytes of their JSON, for payloads may be large.
const GROUP_ROWS: usize = 5_000;
const GROUP_BYTES: usize = 8 * 1024 * 1024;

pub(super) struct ParquetRows<W: io::Write + Send> {
    columns: &'static [Column],
    writer: SerializedFileWriter<W>,
    waiting: Vec<Value>,
    waiting_bytes: usize,
}

impl<W: io::Write + Send> ParquetRows<W> {
    pub(super) fn new(columns: &'static [Column], out: W) -> io::Result<Self> {
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        let schema = Arc::new(schema(columns).map_err(io_error)?);
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(io_error)?;
        Ok(Self { columns, writer, waiting: Vec::new(), waiting_bytes: 0 })
    }

    pub(super) fn add(&mut self, row: Value) -> io::Result<()> {
        self.waiting_bytes += row["payload"].to_string().len() + 512;
        self.waiting.push(row);
        if self.waiting.len() >= GROUP_ROWS || self.waiting_bytes >= GROUP_BYTES {
            self.write_group().map_err(io_error)?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let mut group = self.writer.next_row_group()?;
        for (name, holds) in self.columns {
            let cells = rows.iter().map(|row| &row[*name]);
            match holds {
                Holds::Text => column::<ByteArrayType, W>(&mut group, cells.map(text))?,
                Holds::Time => column::<Int64Type, W>(&mut group, cells.map(time))?,
                Holds::Whole => column::<Int64Type, W>(&mut group, cells.map(Value::as_i64))?,
                Holds::Number => column::<DoubleType, W>(&mut group, cells.map(Value::as_f64))?,
                Holds::Flag => column::<BoolType, W>(&mut group, cells.map(Value::as_bool))?,
            }
        }
        group.close()?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write_group().map_err(io_error)?;
        self.writer.into_inner().map_err(io_error)?.flush()
    }
}

fn io_error(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

fn column<T: DataType, W: io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let mut writer = group.next_column()?.expect("as many columns as the schema has");
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    writer.typed::<T>().write_batch(&values, Some(&levels), None)?;
    writer.close()
}

/// Objects (payloads) stand as JSON.
fn text(cell: &Value) -> Option<ByteArray> {
    match cell {
        Value::Null => None,
        Value::String(text) => Some(text.as_str().into()),
        other => Some(other.to_string().as_str().into()),
    }
}

fn time(cell: &Value) -> Option<i64> {
    serde_json::from_value::<Timestamp>(cell.clone()).ok().map(|at| at.0)
}

fn schema(columns: &[Column]) -> Result<Type, ParquetError> {
    let fields = columns
        .iter()
        .map(|(name, holds)| {
            let (physical, logical) = match holds {
                Holds::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
                Holds::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
                Holds::Whole => (Physical::INT64, None),
                Holds::Number => (Physical::DOUBLE, None),
                Holds::Flag => (Physical::BOOLEAN, None),
            };
            Type::primitive_type_builder(name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical)
                .build()
                .map(Arc::new)
        })
        .collect::<Result<_, _>>()?;
    Type::group_type_builder("rows").with_fields(fields).build()
}
