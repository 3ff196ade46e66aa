"""Proof: how much better than the best known candidate any candidate could be, for ReLU networks."""

from optimizer.proof.prove import Proof, ProofEnd, ProofLimits, ProofProgress, prove
from optimizer.proof.relu_network import FLOAT32_ROUNDOFF, ReluNetwork
