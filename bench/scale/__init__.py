"""Throughput, bursts and cost: measured on the embedded AWS, simulated beyond."""
