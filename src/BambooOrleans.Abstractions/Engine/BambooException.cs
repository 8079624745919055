namespace BambooOrleans;

/// <summary>
/// Base of every failure that the engine reports. Each meaning has a type of its own, with a stable
/// <see cref="Code"/> that has a page under <c>docs/errors/</c>.
/// </summary>
/// <param name="code">The stable code, in lower case with dots, such as <c>tree.cycle</c>.</param>
/// <param name="message">What is wrong and where, for a person.</param>
/// <param name="innerException">What caused it.</param>
public abstract class BambooException(string code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The stable code of this meaning.</summary>
    public string Code { get; } = code;
}

/// <summary>What a verb names does not exist. The reference's <c>NotFoundError</c>.</summary>
public sealed class NotFoundException(string message) : BambooException("not-found", message);

/// <summary>The verb does not fit what it was asked of: its type or its state. The reference's <c>InvalidOperationError</c>.</summary>
public sealed class InvalidOperationVerbException(string code, string message) : BambooException(code, message);

/// <summary>The state machine has no such transition.</summary>
public sealed class IllegalTransitionException(string message) : BambooException("illegal-transition", message);

/// <summary>The state carries another version than the one named. The reference's <c>StateVersionNotMatchError</c>.</summary>
public sealed class StateVersionMismatchException(string message) : BambooException("state-version-mismatch", message);

/// <summary>An id or a context key that must be unique is there already.</summary>
public sealed class AlreadyExistsException(string message) : BambooException("already-exists", message);

/// <summary>An argument of a verb cannot be used.</summary>
public sealed class InvalidArgumentException(string message) : BambooException("invalid-argument", message);

/// <summary>The engine cannot take the call now: it is closing, or its store cannot be used.</summary>
public sealed class EngineUnavailableException(string message, Exception? innerException = null)
    : BambooException("engine-unavailable", message, innerException);

/// <summary>The engine has as much to do as its limits allow, and takes no more now. Nothing of the call was carried out.</summary>
public sealed class EngineOverloadedException(string message) : BambooException("engine-overloaded", message);

/// <summary>The store's file or database is in use by another engine, or cannot be opened.</summary>
public sealed class StoreUnavailableException(string code, string message, Exception? innerException = null)
    : BambooException(code, message, innerException);
