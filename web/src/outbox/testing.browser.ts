/** For tests, and to be imported first: what happy-dom lacks of a browser. */
import "fake-indexeddb/auto";
import { Blob as NodeBlob } from "node:buffer";

const HappyXhr = window.XMLHttpRequest;

/**
 * happy-dom's own, which speaks real HTTP but sends only happy-dom's blobs, and those lose their bytes when a database
 * clones them. So blobs are node's here, and their bytes are handed on. What it does not tell is how far a body has gone
 * (`upload.onprogress`); the browser's tests see a photo on its way (tests/browser/test_phone_journey.py).
 */
class BytesXhr extends HappyXhr {
  override send(body?: Document | XMLHttpRequestBodyInit | null): void {
    if (body instanceof NodeBlob) void body.arrayBuffer().then((bytes) => super.send(bytes));
    else super.send(body);
  }
}

Object.assign(globalThis, { Blob: NodeBlob, XMLHttpRequest: BytesXhr });
