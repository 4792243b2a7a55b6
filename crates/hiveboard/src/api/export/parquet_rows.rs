//! Rows as Parquet: a group of rows in memory at a time.

use std::{io, sync::Arc};

use hiveboard_wire::Timestamp;
use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel},
    data_type::{BoolType, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};
use serde::{Serialize, de::DeserializeOwned};

use super::columns::{Cell, Column, Holds};

/// Rows held before they are written; and bytes of their JSON, for payloads may be large.
const GROUP_ROWS: usize = 5_000;
const GROUP_BYTES: usize = 8 * 1024 * 1024;

pub(super) struct ParquetRows<W: io::Write + Send> {
    columns: &'static [Column],
    writer: SerializedFileWriter<W>,
    waiting: Vec<Vec<Option<Cell>>>,
    waiting_bytes: usize,
}

impl<W: io::Write + Send> ParquetRows<W> {
    pub(super) fn new(columns: &'static [Column], out: W) -> io::Result<Self> {
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        let schema = Arc::new(schema(columns).map_err(io_error)?);
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(io_error)?;
        Ok(Self { columns, writer, waiting: Vec::new(), waiting_bytes: 0 })
    }

    pub(super) fn add(&mut self, row: &impl Serialize) -> io::Result<()> {
        let cells = Cell::of_row(self.columns, row)?;
        self.waiting_bytes += 512 + cells.iter().flatten().map(|cell| cell.json().len()).sum::<usize>();
        self.waiting.push(cells);
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
        for (place, (_, holds)) in self.columns.iter().enumerate() {
            let cells = rows.iter().map(|row| row[place].as_ref());
            match holds {
                Holds::Text => column::<ByteArrayType, W>(&mut group, cells.map(|cell| Some((&*cell?.text()).into())))?,
                Holds::Time => column::<Int64Type, W>(&mut group, cells.map(|cell| Some(read::<Timestamp>(cell?)?.0)))?,
                Holds::Whole => column::<Int64Type, W>(&mut group, cells.map(|cell| read(cell?)))?,
                Holds::Number => column::<DoubleType, W>(&mut group, cells.map(|cell| read(cell?)))?,
                Holds::Flag => column::<BoolType, W>(&mut group, cells.map(|cell| read(cell?)))?,
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

fn read<T: DeserializeOwned>(cell: &Cell) -> Option<T> {
    serde_json::from_str(cell.json()).ok()
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
