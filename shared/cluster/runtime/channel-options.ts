/** Limits and times of every connection between processes, server and client alike. */
import type { ChannelOptions } from '@grpc/grpc-js';

/** Of one message, also after it was unpacked. */
const MAX_MESSAGE_BYTES = 4 * 2 ** 20;

/** Of bulk data in one message: larger ones are slower, and so are smaller ones. */
export const FRAME_BYTES = 2 ** 19;

/**
 * Of one message to a server: a frame and what is around it. Two bytes can say that there is an
 * empty message in a list, which takes a hundred bytes of memory.
 */
export const MAX_REQUEST_BYTES = FRAME_BYTES + 2 ** 16;

/** Of one blob. */
export const MAX_BLOB_BYTES = 2 ** 30;

/** Characters of the name of a worker, which has one at least. */
export const MAX_WORKER_NAME = 256;

/** A peer that was stopped is noticed within their sum. */
const KEEPALIVE_TIME_MS = 5000;
const KEEPALIVE_TIMEOUT_MS = 3000;

/** Calls at a time on one connection. */
const MAX_STREAMS = 256;

/** What a client may be sent ahead: a pull keeps 200 MB/s at a round trip of 10 ms. */
const PULL_WINDOW_BYTES = 8 * 2 ** 20;

const BOTH: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
};

export const SERVER_OPTIONS: ChannelOptions = {
  ...BOTH,
  'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
  'grpc.max_concurrent_streams': MAX_STREAMS,
  'grpc.enable_channelz': 0,
};

/** Whoever calls decides what is tried again; names are resolved to addresses and nothing else. */
export const CLIENT_OPTIONS: ChannelOptions = {
  ...BOTH,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc-node.flow_control_window': PULL_WINDOW_BYTES,
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 5000,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_channelz': 0,
};
