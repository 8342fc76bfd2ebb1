# frozen_string_literal: true

class CreateSopTables < ActiveRecord::Migration[6.1]
  def change
    # Which of Redmine's objects are ours: plugin settings are one row, rewritten whole, and cannot hold this.
    create_table :sop_objects do |t|
      t.string :kind, null: false, limit: 30
      t.string :key, null: false, limit: 190
      t.integer :ref_id, null: false
      t.boolean :retired, null: false, default: false
      t.timestamps
    end
    add_index :sop_objects, %i[kind key], unique: true
    add_index :sop_objects, %i[kind ref_id], unique: true

    # A ticket's SOP state, beside the ticket.
    create_table :sop_states do |t|
      t.integer :issue_id, null: false
      t.string :number, limit: 60
      t.string :submission, limit: 60
      t.integer :cursor, null: false, default: 0
      t.integer :version, null: false, default: 0
      t.text :data, limit: 16.megabytes
      t.timestamps
    end
    add_index :sop_states, :issue_id, unique: true
    add_index :sop_states, :number, unique: true
    add_index :sop_states, :submission, unique: true
  end
end
