# frozen_string_literal: true

module RedmineSop
  # Makes a transaction a writer from its first statement. On SQLite a transaction that begins by reading and writes later
  # fails at once when another wrote in between; one that begins by writing waits its turn. Elsewhere the row is locked.
  module WriteLock
    module_function

    def take(model, id)
      if model.connection.adapter_name.match?(/sqlite/i)
        model.where(id: id).update_all('id = id')
      else
        model.where(id: id).lock.pluck(:id)
      end
    end
  end
end
