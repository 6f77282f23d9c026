//! The DICOM listener against a client that is not ours, honest and otherwise.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod objects;
mod service;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use dicom_dictionary_std::{tags, uids};
use dxa_server::config::Peer;
use dxa_server::store::Query;
use service::{Sender, Service};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_kept_once() {
    let service = Service::start("once", |_| {}).await;
    let object = objects::capture(1, 1, 1200);
    let address = service.address;
    let senders: Vec<_> = (0..16)
        .map(|_| {
            let object = object.clone();
            tokio::task::spawn_blocking(move || Sender::connect(address, "ANYBODY").unwrap().store(&object))
        })
        .collect();
    for sender in senders {
        assert_eq!(sender.await.unwrap(), 0x0000);
    }
    let instances = service.store.instances(&Query::default()).await.unwrap().rows;
    assert_eq!(instances.len(), 1);
    let kept = service.store.read(&instances[0]).await.unwrap();
    assert_eq!(service::data_set(&kept), service::data_set(&object));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_are_refused_with_the_status_of_their_kind() {
    let service = Service::start("lies", |_| {}).await;
    let address = service.address;
    let statuses = tokio::task::spawn_blocking(move || {
        let mut sender = Sender::connect(address, "ANYBODY").unwrap();
        let object = objects::capture(1, 1, 4);
        let class = uids::SECONDARY_CAPTURE_IMAGE_STORAGE;
        let mut other = objects::data_set(1, 1, 4);
        other.put_str(tags::ACCESSION_NUMBER, dicom_core::VR::SH, "OTHER");
        let other = objects::written(&other, uids::EXPLICIT_VR_LITTLE_ENDIAN);
        let uid = "1.2.826.0.1.3680043.9.7.1.1";
        [
            sender.store(&object),
            sender.store(&object),
            sender.store(&other),
            // The command set names another instance, another class, a path, nothing at all.
            sender.store_as(class, "1.2.3.4", &object),
            sender.store_as(uids::CT_IMAGE_STORAGE, uid, &object),
            sender.store_as(class, "../../etc/passwd", &object),
            sender.store_as(class, &"1.".repeat(40), &object),
            sender.store_as(class, "", &object),
            // A data set cut short.
            sender.store_as(class, uid, &object[..object.len() - 1]),
            sender.echo(),
        ]
    });
    let expected = [0, 0, 0xC001, 0xA900, 0xA900, 0xC000, 0xC000, 0xC000, 0xC000, 0];
    assert_eq!(statuses.await.unwrap(), expected);
    assert_eq!(service.store.instances(&Query::default()).await.unwrap().rows.len(), 1);
    assert_eq!(service.store.quarantined("1.2.826.0.1.3680043.9.7.1").await.unwrap(), 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_not_let_in() {
    let service = Service::start("strangers", |config| {
        config.dimse.peers = vec![
            Peer { ae_title: "SCANNER".to_owned(), from: None, address: None },
            Peer { ae_title: "ELSEWHERE".to_owned(), from: Some([192, 0, 2, 1].into()), address: None },
        ];
        config.dimse.associations = 2;
    })
    .await;
    let address = service.address;
    tokio::task::spawn_blocking(move || {
        assert!(Sender::connect(address, "STRANGER").is_err());
        assert!(Sender::connect(address, "ELSEWHERE").is_err());
        assert!(Sender::call(address, "SCANNER", "SOMEBODY").is_err());
        let mut first = Sender::connect(address, "SCANNER").unwrap();
        let second = Sender::connect(address, "SCANNER").unwrap();
        assert!(Sender::connect(address, "SCANNER").is_err(), "one association too many");
        drop(second);
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(Sender::connect(address, "SCANNER").unwrap().echo(), 0);
        assert_eq!(first.echo(), 0);
    })
    .await
    .unwrap();
    assert_eq!(service.rejections(), 4);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_pdus_end_in_an_abort() {
    let service = Service::start("bytes", |_| {}).await;
    let address = service.address;
    tokio::task::spawn_blocking(move || {
        let many_items = {
            // An application context, then sixteen thousand empty presentation contexts.
            let mut body = vec![0u8, 1, 0, 0];
            body.extend_from_slice(b"DXA             SCANNER         ");
            body.extend_from_slice(&[0; 32]);
            body.extend((0..16_000u16).flat_map(|_| [0x20, 0, 0, 4, 1, 0, 0, 0]));
            let mut pdu = vec![1, 0];
            pdu.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
            pdu.extend_from_slice(&body);
            pdu
        };
        let attacks: [&[u8]; 7] = [
            &[1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1],
            &[1, 0, 0, 0, 0, 0],
            &[1, 0, 0, 0, 0, 5, 0, 1, 0, 0, 0],
            &[4, 0, 0, 0, 0, 4, 0, 0, 0, 0],
            &[9, 0, 0, 0, 0, 0],
            b"GET / HTTP/1.1\r\n\r\n",
            &many_items,
        ];
        for attack in attacks {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            // The service may close before everything is written.
            let _ = stream.write_all(attack);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            assert!(answer.first().is_none_or(|kind| [3, 7].contains(kind)), "{answer:?}");
        }
        // The same inside an association: a fragment longer than its PDU, a PDU longer than agreed.
        for attack in [[4u8, 0, 0, 0, 0, 8, 0, 0, 0, 200, 1, 3], [4, 0, 0x7F, 0, 0, 0, 0, 0, 0, 4, 1, 3]] {
            let mut sender = Sender::connect(address, "ANYBODY").unwrap();
            assert_eq!(sender.raw(&attack).first(), Some(&7));
        }
        assert_eq!(Sender::connect(address, "ANYBODY").unwrap().echo(), 0);
    })
    .await
    .unwrap();
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_peers_are_let_go_and_hinder_nobody() {
    let service = Service::start("silent", |config| config.dimse.artim_seconds = 1).await;
    let address = service.address;
    tokio::task::spawn_blocking(move || {
        let mut silent: Vec<TcpStream> = (0..500)
            .map(|_| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(&[1, 0, 0]).unwrap();
                stream
            })
            .collect();
        let begun = Instant::now();
        assert_eq!(Sender::connect(address, "SCANNER").unwrap().store(&objects::capture(1, 1, 1200)), 0);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        for stream in &mut silent {
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut byte = [0];
            assert!(matches!(stream.read(&mut byte), Ok(0) | Err(_)));
        }
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    })
    .await
    .unwrap();
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_breaks_off_leaves_nothing_and_comes_again() {
    let service = Service::start("breaks", |_| {}).await;
    let address = service.address;
    let object = objects::capture(1, 1, 1200);
    let again = object.clone();
    tokio::task::spawn_blocking(move || {
        let mut sender = Sender::connect(address, "SCANNER").unwrap();
        sender.begin(&object, object.len() / 2);
        drop(sender);
    })
    .await
    .unwrap();
    assert!(service.store.instances(&Query::default()).await.unwrap().rows.is_empty());
    let stored =
        tokio::task::spawn_blocking(move || Sender::connect(address, "SCANNER").unwrap().store(&again));
    assert_eq!(stored.await.unwrap(), 0);
    assert_eq!(service.store.instances(&Query::default()).await.unwrap().rows.len(), 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_is_committed_to_after_reading_back() {
    let service = Service::start("committed", |_| {}).await;
    let address = service.address;
    let report = tokio::task::spawn_blocking(move || {
        let mut sender = Sender::connect(address, "SCANNER").unwrap();
        assert_eq!(sender.store(&objects::capture(1, 1, 10)), 0);
        sender.commit(&["1.2.826.0.1.3680043.9.7.1.1", "1.2.826.0.1.3680043.9.7.1.2"])
    });
    let (status, event, data_set) = report.await.unwrap();
    assert_eq!((status, event), (0, 2));
    let uid = |sequence, index: usize| {
        let items = data_set.element(sequence).unwrap().items().unwrap();
        items[index].element(tags::REFERENCED_SOP_INSTANCE_UID).unwrap().to_str().unwrap().into_owned()
    };
    assert_eq!(uid(tags::REFERENCED_SOP_SEQUENCE, 0), "1.2.826.0.1.3680043.9.7.1.1");
    assert_eq!(uid(tags::FAILED_SOP_SEQUENCE, 0), "1.2.826.0.1.3680043.9.7.1.2");
    service.stop().await;
}
