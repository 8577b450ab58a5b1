// Bytes that are not of the version that was asked for, such as those of the picture that replaced it, are not for ever.
function handler(event) {
  const response = event.response;
  const headers = response.headers;
  const asked = event.request.querystring.v;
  const made = headers['x-amz-meta-version'];
  const same = asked && made && asked.value === made.value && /^[0-9a-f]{16}$/.test(made.value);
  headers['cache-control'] = { value: same ? 'public, max-age=31536000, immutable' : 'public, max-age=60' };
  // A 304 has no metadata, and the browser keeps what it was told with the bytes.
  if (response.statusCode === 304) delete headers['cache-control'];
  // Or a picture that an <img> has put into the browser's cache, without CORS, would be what a script gets that may read it.
  headers.vary = { value: 'Origin' };
  Object.keys(headers).forEach((name) => name.startsWith('x-amz-meta-') && delete headers[name]);
  return response;
}
