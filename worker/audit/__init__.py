"""Both buckets side by side, from their listings alone where these suffice: what an event was lost of, and nobody else looks for.

Sends hints and changes nothing. Never reads a picture, nor knows how one is rendered or reconciled.
"""
