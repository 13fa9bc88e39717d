"""Losses in PyTorch made of parts, and copies with one wrong part."""

from __future__ import annotations

import torch

import tpo


class OfTokens:
    """The clipped surrogate on standardized scores, averaged over the tokens of each candidate."""

    def __call__(self, log_probs, scores, old_log_probs, token_mask):
        given = log_probs.dtype
        log_probs, scores, old_log_probs = map(self.widened, (log_probs, scores, old_log_probs))
        advantages = self.advantages(scores)[..., None]
        ratio = self.ratio(log_probs, self.constant(old_log_probs))
        surrogate = torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages)
        return -self.reduced(surrogate, token_mask, given)

    def widened(self, array):
        return array.to(torch.promote_types(array.dtype, torch.float32))

    def constant(self, old_log_probs):
        return old_log_probs.detach()

    def advantages(self, scores):
        tied = self.tied(scores)
        return torch.where(tied, 0.0, self.centred(scores)) / torch.where(tied, 1.0, self.deviation(scores))

    def tied(self, scores):
        return scores.amax(-1, keepdim=True) == scores.amin(-1, keepdim=True)

    def centred(self, scores):
        return scores - scores.mean(-1, keepdim=True)

    def deviation(self, scores):
        return scores.std(-1, keepdim=True, correction=0)

    def ratio(self, log_probs, old_log_probs):
        return torch.exp((log_probs - old_log_probs).clamp(-20, 20))

    def reduced(self, surrogate, token_mask, given):
        del given
        return (torch.where(token_mask, surrogate, 0.0).sum(-1) / token_mask.sum(-1)).sum(-1)


class WrongSign(OfTokens):
    def reduced(self, surrogate, token_mask, given):
        return -super().reduced(surrogate, token_mask, given)


class LiveOldLogProbs(OfTokens):
    def constant(self, old_log_probs):
        return old_log_probs


class RawScores(OfTokens):
    def centred(self, scores):
        return scores


class FirstAsBaseline(OfTokens):
    def centred(self, scores):
        return scores - scores[..., :1]


class NoTies(OfTokens):
    def advantages(self, scores):
        return self.centred(scores) / (self.deviation(scores) + 1e-8)


class CentredOverTheBatch(OfTokens):
    def centred(self, scores):
        return scores - scores.mean()


class DeviationOfTheBatch(OfTokens):
    def deviation(self, scores):
        return scores.std(correction=0)


class IndexWeights(OfTokens):
    def centred(self, scores):
        return super().centred(scores) * torch.arange(1, scores.shape[-1] + 1)


class NoClamp(OfTokens):
    def ratio(self, log_probs, old_log_probs):
        return torch.exp(log_probs) / torch.exp(old_log_probs)


class PaddingCounted(OfTokens):
    def reduced(self, surrogate, token_mask, given):
        return super().reduced(surrogate, torch.ones_like(token_mask), given)


class MeanOverT(OfTokens):
    def reduced(self, surrogate, token_mask, given):
        del given
        return torch.where(token_mask, surrogate, 0.0).mean(-1).sum(-1)


class TokensOfTheBatch(OfTokens):
    def reduced(self, surrogate, token_mask, given):
        del given
        return torch.where(token_mask, surrogate, 0.0).sum((-2, -1)) / token_mask.sum()


class InHalf(OfTokens):
    def widened(self, array):
        return array


class SumsInHalf(OfTokens):
    def reduced(self, surrogate, token_mask, given):
        return super().reduced(surrogate.to(given), token_mask, given)


class Magnitudes(OfTokens):
    def advantages(self, scores):
        return super().advantages(scores).abs()


class ToATarget:
    """Cross-entropy to TPO's target, with the gradient `p - q` as it is written."""

    def __call__(self, log_probs, scores, old_log_probs):
        dtype = torch.promote_types(log_probs.dtype, torch.float32)
        log_p, old = self.log_policy(log_probs, dtype), self.log_policy(old_log_probs, dtype)
        u = tpo.standardize(scores.to(dtype), precision="fast")
        tilted = torch.where((u == 0).all(-1, keepdim=True), old.exp(), torch.softmax(old + u, -1))
        return self.fitted(log_p, tilted, u)

    def log_policy(self, log_probs, dtype):
        return torch.log_softmax(log_probs.to(dtype), -1)

    def fitted(self, log_p, q, u):
        del u
        return ((log_p.exp() - q).detach() * log_p).sum(-1)


class GradientThroughTarget(ToATarget):
    def fitted(self, log_p, q, u):
        del u
        return -(q * log_p).sum(-1)


class TargetOfTheNewPolicy(ToATarget):
    def fitted(self, log_p, q, u):
        del q
        return -(torch.softmax(log_p + u, -1) * log_p).sum(-1)


class RoundOff(ToATarget):
    def fitted(self, log_p, q, u):
        del u
        return -(q.detach() * log_p).sum(-1)


class WithoutAnchor(ToATarget):
    def fitted(self, log_p, q, u):
        del q
        return super().fitted(log_p, torch.softmax(u, -1), u)


class HalfSoftmax(ToATarget):
    def log_policy(self, log_probs, dtype):
        return torch.log_softmax(log_probs, -1).to(dtype)


class OtherAxis(ToATarget):
    def log_policy(self, log_probs, dtype):
        return torch.log_softmax(log_probs.to(dtype), 0)


class LogOfSoftmax(ToATarget):
    def log_policy(self, log_probs, dtype):
        return torch.log(torch.softmax(log_probs.to(dtype), -1))
