// Only what has the form of a version is one. Any other request gets one that changes every minute, so that the edge may keep each
// answer for a year, and what is asked for without a version is a minute old at most. No other parameter is looked at.
function handler(event) {
  const asked = event.request.querystring.v;
  const version = asked && /^[0-9a-f]{16}$/.test(asked.value) ? asked.value : `now-${Math.floor(Date.now() / 60000)}`;
  event.request.querystring = { v: { value: version } };
  return event.request;
}
