//! The listener in this process, and a sender made of dicom-ul's client.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dicom_core::{DataElement, PrimitiveValue, VR, value::DataSetSequence};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileDicomObject, InMemDicomObject};
use dicom_transfer_syntax_registry::entries;
use dicom_ul::association::client::{ClientAssociation, ClientAssociationOptions};
use dicom_ul::pdu::{PDataValue, PDataValueType, Pdu};
use dxa_server::config::Config;
use dxa_server::ingest::{Event, Listener};
use dxa_server::store::Store;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A listener and its store in a folder of their own.
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) address: SocketAddr,
    folder: PathBuf,
    stop: CancellationToken,
    task: JoinHandle<()>,
    rejections: Arc<AtomicUsize>,
}

impl Service {
    pub(crate) async fn start(name: &str, change: impl FnOnce(&mut Config)) -> Self {
        let folder = std::env::temp_dir().join(format!("dxa-dimse-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let mut config = Config::default();
        config.store.data = folder.clone();
        config.store.segment_bytes = 4 << 20;
        config.store.prepared_segments = 0;
        config.store.reserve_bytes = 0;
        config.study.quiet_seconds = 0.2;
        config.dimse.listen.set_port(0);
        change(&mut config);
        let store = Store::open(&config).await.unwrap();
        let rejections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&rejections);
        let observer = Arc::new(move |event| {
            counter.fetch_add(usize::from(matches!(event, Event::Rejected { .. })), Ordering::SeqCst);
        });
        let listener = Listener::bind(&config, store.clone(), observer).await.unwrap();
        let (address, stop) = (listener.address().unwrap(), CancellationToken::new());
        let task = tokio::spawn(listener.run(stop.clone()));
        Self { store, address, folder, stop, task, rejections }
    }

    pub(crate) fn rejections(&self) -> usize {
        self.rejections.load(Ordering::SeqCst)
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
        self.store.close().await;
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

/// One association.
pub(crate) struct Sender {
    association: ClientAssociation<std::net::TcpStream>,
    message: u16,
}

const COMMITMENT: &str = "1.2.840.10008.1.20.1";

impl Sender {
    pub(crate) fn connect(address: SocketAddr, ae_title: &str) -> Result<Self, dicom_ul::association::Error> {
        Self::call(address, ae_title, "DXA")
    }

    pub(crate) fn call(
        address: SocketAddr,
        ae_title: &str,
        called: &str,
    ) -> Result<Self, dicom_ul::association::Error> {
        let plain = vec![uids::EXPLICIT_VR_LITTLE_ENDIAN];
        let association = ClientAssociationOptions::new()
            .calling_ae_title(ae_title.to_owned())
            .called_ae_title(called.to_owned())
            .with_presentation_context(uids::SECONDARY_CAPTURE_IMAGE_STORAGE, plain.clone())
            .with_presentation_context(uids::VERIFICATION, plain.clone())
            .with_presentation_context(COMMITMENT, plain)
            .establish(address)?;
        Ok(Self { association, message: 0 })
    }

    pub(crate) fn echo(&mut self) -> u16 {
        let command = self.command(0x0030, uids::VERIFICATION, None, false);
        self.ask(self.context(uids::VERIFICATION), &command, &[])
    }

    /// Sends a file under its own name.
    pub(crate) fn store(&mut self, file: &[u8]) -> u16 {
        let object = FileDicomObject::from_reader(file).unwrap();
        let uid = object.element(tags::SOP_INSTANCE_UID).unwrap().to_str().unwrap().into_owned();
        self.store_as(uids::SECONDARY_CAPTURE_IMAGE_STORAGE, &uid, file)
    }

    /// Sends a file under another name.
    pub(crate) fn store_as(&mut self, class: &str, instance: &str, file: &[u8]) -> u16 {
        let command = self.command(0x0001, class, Some(instance), true);
        self.ask(self.context(uids::SECONDARY_CAPTURE_IMAGE_STORAGE), &command, data_set(file))
    }

    /// Sends the first bytes of a file and stops.
    pub(crate) fn begin(&mut self, file: &[u8], bytes: usize) {
        let uid = "1.2.826.0.1.3680043.9.7.1.1";
        let command = self.command(0x0001, uids::SECONDARY_CAPTURE_IMAGE_STORAGE, Some(uid), true);
        let context = self.context(uids::SECONDARY_CAPTURE_IMAGE_STORAGE);
        self.send(context, &command, PDataValueType::Command, true);
        let part = &data_set(file)[..bytes];
        for piece in part.chunks(16_000) {
            self.send(context, piece, PDataValueType::Data, false);
        }
    }

    /// Sends bytes that are no message and gives what comes back.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Vec<u8> {
        use std::io::{Read as _, Write as _};
        let stream = self.association.inner_stream();
        stream.write_all(bytes).unwrap();
        let mut answer = [0; 6];
        let read = stream.read(&mut answer).unwrap();
        answer[..read].to_vec()
    }

    /// Asks for commitment: status of the request, event of the report, its data set.
    pub(crate) fn commit(&mut self, instances: &[&str]) -> (u16, u16, InMemDicomObject) {
        let uid = |tag, value: &str| DataElement::new(tag, VR::UI, PrimitiveValue::from(value));
        let items: Vec<InMemDicomObject> = instances
            .iter()
            .map(|instance| {
                InMemDicomObject::from_element_iter([
                    uid(tags::REFERENCED_SOP_CLASS_UID, uids::SECONDARY_CAPTURE_IMAGE_STORAGE),
                    uid(tags::REFERENCED_SOP_INSTANCE_UID, instance),
                ])
            })
            .collect();
        let request = InMemDicomObject::from_element_iter([
            uid(tags::TRANSACTION_UID, "1.2.3.4.5"),
            DataElement::new(tags::REFERENCED_SOP_SEQUENCE, VR::SQ, DataSetSequence::from(items)),
        ]);
        let mut bytes = Vec::new();
        request.write_dataset_with_ts(&mut bytes, &entries::EXPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap();
        let mut command = self.command(0x0130, COMMITMENT, None, true);
        command.extend_from_slice(&element(0x1001, b"1.2.840.10008.1.20.1.1"));
        command.extend_from_slice(&element(0x1008, &1u16.to_le_bytes()));
        let context = self.context(COMMITMENT);
        let status = self.ask(context, &command, &bytes);
        let report = self.receive();
        let event = number(&report, 0x1002).unwrap();
        let data = self.receive();
        let ts = entries::EXPLICIT_VR_LITTLE_ENDIAN.erased();
        (status, event, InMemDicomObject::read_dataset_with_ts(data.as_slice(), &ts).unwrap())
    }

    fn context(&self, class: &str) -> u8 {
        let contexts = self.association.presentation_contexts();
        contexts.iter().find(|context| context.abstract_syntax == class).unwrap().id
    }

    fn command(&mut self, field: u16, class: &str, instance: Option<&str>, has_data: bool) -> Vec<u8> {
        self.message += 1;
        let mut command = element(if field == 0x0130 { 0x0003 } else { 0x0002 }, class.as_bytes());
        command.extend(element(0x0100, &field.to_le_bytes()));
        command.extend(element(0x0110, &self.message.to_le_bytes()));
        command.extend(element(0x0800, &if has_data { 1u16 } else { 0x0101 }.to_le_bytes()));
        command.extend(instance.map(|instance| element(0x1000, instance.as_bytes())).into_iter().flatten());
        command
    }

    fn ask(&mut self, context: u8, command: &[u8], data: &[u8]) -> u16 {
        self.send(context, command, PDataValueType::Command, true);
        let pieces = data.chunks(16_000).count();
        for (index, piece) in data.chunks(16_000).enumerate() {
            self.send(context, piece, PDataValueType::Data, index + 1 == pieces);
        }
        command_status(&self.receive()).unwrap()
    }

    fn send(&mut self, context: u8, bytes: &[u8], kind: PDataValueType, is_last: bool) {
        let value =
            PDataValue { presentation_context_id: context, value_type: kind, is_last, data: bytes.to_vec() };
        self.association.send(&Pdu::PData { data: vec![value] }).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        match self.association.receive().unwrap() {
            Pdu::PData { data } => data.into_iter().next().unwrap().data,
            other => panic!("{other:?}"),
        }
    }
}

/// The data set of a file, without preamble and meta header.
pub(crate) fn data_set(file: &[u8]) -> &[u8] {
    let length = u32::from_le_bytes(file[140..144].try_into().unwrap()) as usize;
    &file[144 + length..]
}

/// The status of a response.
fn command_status(command: &[u8]) -> Option<u16> {
    number(command, 0x0900)
}

fn number(mut command: &[u8], wanted: u16) -> Option<u16> {
    while let Some((head, rest)) = command.split_at_checked(8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        if u16::from_le_bytes([head[2], head[3]]) == wanted {
            return Some(u16::from_le_bytes([rest[0], rest[1]]));
        }
        command = &rest[length..];
    }
    None
}

fn element(number: u16, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(0);
    }
    let mut bytes = vec![0, 0];
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(value.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&value);
    bytes
}
