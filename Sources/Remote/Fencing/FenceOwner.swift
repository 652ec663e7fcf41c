/// Who connects to a host: a control plane with its epoch. See `Fence`.
public struct FenceOwner: Sendable, Hashable {
  /// Where the host keeps its epoch.
  public var fence: Fence
  /// The epoch of the control plane; a newer one has a higher number.
  public var epoch: Int

  /// An owner of these values.
  public init(fence: Fence = Fence(), epoch: Int) {
    self.fence = fence
    self.epoch = epoch
  }
}
